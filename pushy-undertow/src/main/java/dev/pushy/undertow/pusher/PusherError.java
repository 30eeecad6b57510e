package dev.pushy.undertow.pusher;

import dev.pushy.core.CloseReason;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.Excerpt;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong for a client, in the words of the hosted service where these are known, since people search for them.
 *
 * <p>Codes: 4000 to 4099, do not come back; 4100 to 4199, come back after a while; 4200 to 4299, come back at once; no code
 * or 4300 and above, the connection goes on and must not be closed with it. Source:
 * <a href="https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/#error-codes">error
 * codes</a>.
 *
 * @param code null where the connection goes on and no code is agreed on
 * @param message for people
 */
record PusherError(@Nullable Integer code, String message) {

    static final PusherError TLS_ONLY =
            new PusherError(4000, "Application only accepts SSL connections, reconnect using wss://");
    static final PusherError DISABLED = new PusherError(4003, "Application disabled");
    static final PusherError OVER_QUOTA = new PusherError(4004, "Account over quota");
    static final PusherError PATH_NOT_FOUND = new PusherError(4005, "Path not found");
    static final PusherError INVALID_VERSION = new PusherError(4006, "Invalid version string format");
    static final PusherError UNSUPPORTED_PROTOCOL = new PusherError(4007, "Unsupported protocol version");
    static final PusherError ORIGIN_NOT_ALLOWED = new PusherError(4009, "Origin not allowed");
    static final PusherError NOT_AUTHORIZED_IN_TIME = new PusherError(4009, "Connection not authorized within timeout");
    static final PusherError TERMINATED = new PusherError(4009, "You got disconnected by the app.");
    static final PusherError TERMINATED_FOR_NOW = new PusherError(1000, "You got disconnected by the app.");
    static final PusherError NOT_AUTHORIZED = new PusherError(4009, "Connection is unauthorized");
    static final PusherError GONE = new PusherError(1000, "");
    static final PusherError OVER_CAPACITY = new PusherError(4100, "Over capacity");
    /** Not 4200: who finds no other node would come back here at once, again and again. */
    static final PusherError STOPPING = new PusherError(4100, "Over capacity: this server is stopping");

    static final PusherError TOO_SLOW = new PusherError(4100, "Over capacity: events came faster than they were read");
    static final PusherError TOO_FAST =
            new PusherError(4100, "Over capacity: frames came faster than they were answered");
    static final PusherError RECONNECT = new PusherError(4200, "Please reconnect immediately");
    static final PusherError UNRESPONSIVE = new PusherError(4201, "Pong reply not received");
    static final PusherError INTERNAL = new PusherError(1011, "Something went wrong here");

    static final PusherError INVALID_JSON = of("Invalid JSON");
    static final PusherError NO_HASH = of("Expected parameter data to be a hash");
    static final PusherError NO_CHANNEL = of("Missing parameter: data.channel");
    static final PusherError NO_USER_DATA = of("Missing parameter: data.user_data");
    static final PusherError CLIENT_EVENTS_OFF =
            of("To send client events, you must enable this feature in the Settings page of your dashboard.");
    static final PusherError INVALID_CLIENT_EVENT = of("Invalid client event (must contain channel and data)");
    static final PusherError CLIENT_EVENT_ON_PUBLIC =
            of("Client event rejected - only supported on private and presence channels");
    static final PusherError CLIENT_EVENT_RATE =
            new PusherError(4301, "The rate limit for sending client events exceeded the quota.");

    static PusherError of(String message) {
        return new PusherError(null, message);
    }

    /**
     * Why the server ends a connection.
     *
     * @param terminatedForGood whether a client whose user was terminated stays away
     */
    static PusherError of(CloseReason reason, boolean terminatedForGood) {
        return switch (reason) {
            case DRAIN, MAX_AGE -> RECONNECT;
            case SLOW_CONSUMER -> TOO_SLOW;
            case RATE_LIMITED -> TOO_FAST;
            case UNRESPONSIVE -> UNRESPONSIVE;
            case REVOKED -> terminatedForGood ? TERMINATED : TERMINATED_FOR_NOW;
            case AUTH_TIMEOUT -> NOT_AUTHORIZED_IN_TIME;
            case TOKEN_EXPIRED, UNAUTHORIZED, FORBIDDEN, BAD_REQUEST -> NOT_AUTHORIZED;
            case INTERNAL -> INTERNAL;
            case CLIENT_GONE -> GONE;
        };
    }

    static PusherError unknownKey(String key) {
        return new PusherError(
                4001, "App key " + Excerpt.of(key) + " not in this cluster. Did you forget to specify the cluster?");
    }

    static PusherError unsupportedEvent(String event) {
        return of("Unsupported event received on socket: " + Excerpt.of(event));
    }

    static PusherError alreadySubscribed(String channel) {
        return of("Existing subscription to channel " + Excerpt.of(channel));
    }

    static PusherError notSubscribed(String channel) {
        return of("No current subscription to channel " + Excerpt.of(channel) + ", or subscription in progress");
    }

    static PusherError cannotBroadcast(String channel) {
        return of("Cannot broadcast client event (connection not subscribed to channel " + Excerpt.of(channel) + ")");
    }

    /**
     * More is asked for than is done.
     *
     * @param watched the user ids that count
     */
    static PusherError watchlistTooLong(List<String> watched) {
        return new PusherError(
                4302,
                "The watchlist is too long: only its first " + watched.size() + " user ids are watched: "
                        + String.join(", ", watched));
    }

    /** The close frame that goes with it. */
    ClientSession.CloseCode closeCode() {
        if (code == null) {
            throw new IllegalStateException("the connection goes on after: " + message);
        }
        return new ClientSession.CloseCode(code, message);
    }
}
