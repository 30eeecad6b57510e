package dev.pushy.undertow.api;

import dev.pushy.undertow.http.RestOfRequest;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.JsonText;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** How answers of the API are written. On the IO thread of the exchange. */
final class Answers {
    private static final HttpString CONTENT_TYPE_OPTIONS = new HttpString("X-Content-Type-Options");
    private static final int RETRY_FROM_MILLIS = 2_000;
    private static final int RETRY_TO_MILLIS = 5_000;

    private Answers() {}

    static void json(HttpServerExchange exchange, int status, String type, byte[] json) {
        send(exchange, status, type, json);
    }

    private static void send(HttpServerExchange exchange, int status, String type, byte[] body) {
        RestOfRequest.limit(exchange);
        HeaderMap headers = exchange.setStatusCode(status).getResponseHeaders();
        headers.put(Headers.CONTENT_TYPE, type);
        headers.put(Headers.CONTENT_LENGTH, body.length);
        headers.put(Headers.CACHE_CONTROL, "no-store");
        headers.put(CONTENT_TYPE_OPTIONS, "nosniff");
        exchange.getResponseSender().send(ByteBuffer.wrap(body));
    }

    /** An error as RFC 9457 has it. */
    static void problem(HttpServerExchange exchange, Fault fault, String detail) {
        HeaderMap headers = exchange.getResponseHeaders();
        if (fault.status() == StatusCodes.UNAUTHORIZED) {
            headers.put(Headers.WWW_AUTHENTICATE, "Bearer realm=\"pushy\"");
        }
        if (isTemporary(fault)) {
            headers.put(Headers.RETRY_AFTER, "1");
        }
        JsonText text = JsonText.object()
                .put("type", "about:blank")
                .put("title", StatusCodes.getReason(fault.status()))
                .put("status", fault.status())
                .put("code", fault.code())
                .put("detail", detail);
        if (fault == Fault.UNKNOWN) {
            text.put("accepted", "unknown");
        }
        json(exchange, fault.status(), "application/problem+json", text.end().getBytes(StandardCharsets.UTF_8));
    }

    /** An error as Pusher's API has it, which its libraries show as it is: a line of text. */
    static void line(HttpServerExchange exchange, Fault fault, String detail) {
        if (isTemporary(fault)) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, "1");
        }
        byte[] line = (detail + "\n").getBytes(StandardCharsets.UTF_8);
        send(exchange, fault.status(), "text/plain; charset=utf-8", line);
    }

    /** Whether the same request may succeed after a moment. */
    static boolean isTemporary(Fault fault) {
        return fault == Fault.OVERLOADED
                || fault == Fault.RATE_LIMITED
                || fault == Fault.BROKER_UNAVAILABLE
                || fault == Fault.DRAINING;
    }

    /** Whether the client itself is not at fault. */
    static boolean isPassing(Fault fault) {
        return isTemporary(fault) || fault.status() >= 500;
    }

    /**
     * A stream that ends at once and says when to come back: a browser's EventSource that gets an error once never comes
     * back at all.
     */
    static void comeBack(HttpServerExchange exchange) {
        RestOfRequest.limit(exchange);
        int retry = ThreadLocalRandom.current().nextInt(RETRY_FROM_MILLIS, RETRY_TO_MILLIS + 1);
        HeaderMap headers = exchange.setStatusCode(StatusCodes.OK).getResponseHeaders();
        headers.put(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        headers.put(Headers.CACHE_CONTROL, "no-cache, no-transform");
        exchange.getResponseSender().send("retry: " + retry + "\n\n");
    }
}
