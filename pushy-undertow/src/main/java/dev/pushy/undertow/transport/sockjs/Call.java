package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.protocol.ClientRequest;
import io.undertow.server.HttpServerExchange;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A request to a transport of an endpoint.
 *
 * @param request what the session is told if this opens it
 * @param sessionId which session it is for
 */
record Call(Endpoint endpoint, HttpServerExchange exchange, ClientRequest request, String sessionId) {

    /** The session that the request is for, or null where this node does not know it. */
    @Nullable
    SockJsSession session() {
        return endpoint.find(key());
    }

    /** What keeps the session apart from others, on all nodes: the same word may name sessions of several apps. */
    String key() {
        return request.path() + "/" + sessionId;
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
