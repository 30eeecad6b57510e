package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.http.RequestBody;
import dev.pushy.undertow.protocol.ClientRequest;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

/**
 * A request to a transport of an endpoint.
 *
 * @param request what the session is told if this opens it
 * @param sessionId which session it is for
 */
record Call(Endpoint endpoint, HttpServerExchange exchange, ClientRequest request, String sessionId) {
    private static final Duration BODY_PATIENCE = Duration.ofSeconds(15);

    /** The session that the request is for, or null where this node does not know it. */
    @Nullable
    SockJsSession session() {
        return endpoint.find(key());
    }

    /** What keeps the session apart from others, on all nodes: the same word may name sessions of several apps. */
    String key() {
        return request.path() + "/" + sessionId;
    }

    /**
     * Goes on with the body of the request once it has come, in full. What is too large is answered with 413; a client that
     * is too slow loses its connection.
     */
    void readBody(int limit, Consumer<byte[]> then) {
        RequestBody.read(exchange, limit, BODY_PATIENCE, new RequestBody.Reader() {
            @Override
            public void onBody(byte[] body) {
                then.accept(body);
            }

            @Override
            public void onTooLarge(String size) {
                Replies.text(
                        exchange, 413, "The body has " + size + ", the limit is " + limit + ": send less at once.");
            }

            @Override
            public void onLate() {
                IoUtils.safeClose(exchange.getConnection());
                exchange.endExchange();
            }
        });
    }

    /** How many bytes a streaming response may have. */
    int streamLimit() {
        return endpoint.options().takeover()
                ? Integer.MAX_VALUE
                : endpoint.options().responseLimit();
    }

    /** The first value of a query parameter, or null. */
    @Nullable
    String query(String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        return values == null ? null : values.peekFirst();
    }
}
