package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.protocol.ClientRequest;
import java.time.Duration;
import java.util.Objects;

/**
 * How one endpoint behaves.
 *
 * @param responseLimit after so many bytes a streaming response ends and the client asks again, so that a browser can let
 *     go of what it has read; no meaning with {@code takeover}
 * @param cookie whether answers of sessions set the cookie {@code JSESSIONID}, by which some load balancers find the node
 *     of a session
 * @param webSocket whether WebSockets are offered
 * @param takeover whether a second receive request takes the session over, and no response ends without a close frame: what
 *     the HTTP fallbacks of pusher-js expect, which know no other transports than {@code xhr_streaming} and {@code xhr}, and
 *     send no credentials
 * @param heartbeat how long a receive request may be silent
 * @param absence how long a session lives without a receive request
 * @param sessions the most sessions at a time; who would open one more gets 503
 * @param clientScript where the page for iframes finds the client library
 * @param origins tells whose pages may read the answers
 */
public record SockJsOptions(
        int responseLimit,
        boolean cookie,
        boolean webSocket,
        boolean takeover,
        Duration heartbeat,
        Duration absence,
        int sessions,
        ClientScript clientScript,
        OriginCheck origins) {
    private static final ClientScript CLIENT =
            ClientScript.of("https://cdn.jsdelivr.net/npm/sockjs-client@1/dist/sockjs.min.js");

    /** What the SockJS protocol asks for, open to pages of all origins. */
    public static final SockJsOptions STANDARD = new SockJsOptions(
            128 * 1024,
            false,
            true,
            false,
            Duration.ofSeconds(25),
            Duration.ofSeconds(5),
            100_000,
            CLIENT,
            (request, origin) -> true);

    /** What the HTTP fallbacks of pusher-js ask for, open to pages of all origins. */
    public static final SockJsOptions PUSHER = new SockJsOptions(
            Integer.MAX_VALUE,
            false,
            false,
            true,
            Duration.ofSeconds(25),
            Duration.ofSeconds(7),
            100_000,
            CLIENT,
            (request, origin) -> true);

    /** Whose pages may read the answers to a request. */
    @FunctionalInterface
    public interface OriginCheck {
        /**
         * Asked on an IO thread, must not block.
         *
         * @param request as the session would get it
         */
        boolean allows(ClientRequest request, String origin);
    }

    /** Checks the values. */
    public SockJsOptions {
        Objects.requireNonNull(clientScript, "clientScript");
        Objects.requireNonNull(origins, "origins");
        requireRange("responseLimit", responseLimit, 1_024, Integer.MAX_VALUE);
        requireRange("heartbeat in ms", heartbeat.toMillis(), 20, 3_600_000);
        requireRange("absence in ms", absence.toMillis(), 20, 600_000);
        requireRange("sessions", sessions, 1, 10_000_000);
    }

    private static void requireRange(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " is " + value + ", it must be " + least + " to " + most);
        }
    }

    /** The same with another limit of streaming responses. */
    public SockJsOptions withResponseLimit(int bytes) {
        return new SockJsOptions(
                bytes, cookie, webSocket, takeover, heartbeat, absence, sessions, clientScript, origins);
    }

    /** The same with or without the cookie. */
    public SockJsOptions withCookie(boolean on) {
        return new SockJsOptions(
                responseLimit, on, webSocket, takeover, heartbeat, absence, sessions, clientScript, origins);
    }

    /** The same with or without WebSockets. */
    public SockJsOptions withWebSocket(boolean on) {
        return new SockJsOptions(
                responseLimit, cookie, on, takeover, heartbeat, absence, sessions, clientScript, origins);
    }

    /** The same with another heartbeat, and another time that a session lives without a receive request. */
    public SockJsOptions withTimes(Duration beat, Duration alone) {
        return new SockJsOptions(
                responseLimit, cookie, webSocket, takeover, beat, alone, sessions, clientScript, origins);
    }

    /** The same with another bound of sessions. */
    public SockJsOptions withSessions(int most) {
        return new SockJsOptions(
                responseLimit, cookie, webSocket, takeover, heartbeat, absence, most, clientScript, origins);
    }

    /** The same with the client library from elsewhere. */
    public SockJsOptions withClientScript(String url) {
        return withClientScript(clientScript.withUrl(url));
    }

    /** The same with the client library from elsewhere, for some pages from where they say. */
    public SockJsOptions withClientScript(ClientScript script) {
        return new SockJsOptions(
                responseLimit, cookie, webSocket, takeover, heartbeat, absence, sessions, script, origins);
    }

    /** The same for the pages of other origins. */
    public SockJsOptions withOrigins(OriginCheck check) {
        return new SockJsOptions(
                responseLimit, cookie, webSocket, takeover, heartbeat, absence, sessions, clientScript, check);
    }
}
