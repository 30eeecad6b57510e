package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.http.RestOfRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.charset.StandardCharsets;

/** How short answers are written. On the IO thread of the exchange. */
final class Replies {
    private static final String TEXT = "text/plain; charset=UTF-8";
    private static final HttpString ACCEL_BUFFERING = new HttpString("X-Accel-Buffering");

    private Replies() {}

    /** An answer of text. */
    static void text(HttpServerExchange exchange, int status, String text) {
        content(exchange, status, TEXT, text);
    }

    static void content(HttpServerExchange exchange, int status, String type, String content) {
        RestOfRequest.limit(exchange);
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        exchange.setStatusCode(status)
                .getResponseHeaders()
                .put(Headers.CONTENT_TYPE, type)
                .put(Headers.CONTENT_LENGTH, bytes.length);
        exchange.getResponseSender().send(java.nio.ByteBuffer.wrap(bytes));
    }

    /** An answer without a body. */
    static void empty(HttpServerExchange exchange, int status) {
        RestOfRequest.limit(exchange);
        exchange.setStatusCode(status).endExchange();
    }

    /** The answer to a send request: browsers that miss a type take it for XML. */
    static void accepted(HttpServerExchange exchange) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, TEXT);
        empty(exchange, 204);
    }

    static void notFound(HttpServerExchange exchange) {
        text(exchange, 404, "404 Error: there is nothing here.\n");
    }

    /** There is too much of what the text names. */
    static void busy(HttpServerExchange exchange, String what) {
        text(exchange, 503, "There are too many " + what + ": try again after a moment.\n");
    }

    static void methodNotAllowed(HttpServerExchange exchange, String allowed) {
        exchange.getResponseHeaders().put(Headers.ALLOW, allowed);
        empty(exchange, 405);
    }

    /** Nothing on the way may keep the answer, neither for later nor until there is more of it. */
    static void uncached(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(Headers.CACHE_CONTROL, "no-store, no-cache, no-transform, must-revalidate, max-age=0");
        headers.put(ACCEL_BUFFERING, "no");
    }
}
