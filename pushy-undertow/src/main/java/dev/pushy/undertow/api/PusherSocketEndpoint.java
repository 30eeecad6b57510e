package dev.pushy.undertow.api;

import dev.pushy.undertow.protocol.ClientRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.util.List;

/**
 * The WebSocket of the Pusher protocol at {@code /app/KEY}. A client with a wrong path, key or version gets its WebSocket
 * all the same, and is refused there: an HTTP error would have it try again for ever.
 */
final class PusherSocketEndpoint {
    private static final String FIRST = "app";

    private final ApiSettings.Transports transports;
    private final List<String> prefix;

    PusherSocketEndpoint(ApiSettings settings) {
        this.transports = settings.transports();
        this.prefix = settings.pusherPath();
    }

    /** Whether the path is one of these. */
    boolean takes(Target target) {
        List<String> path = target.segments();
        return path.size() > prefix.size()
                && path.subList(0, prefix.size()).equals(prefix)
                && path.get(prefix.size()).equals(FIRST);
    }

    /** Whether the request wants a WebSocket, wherever it may be. */
    static boolean wantsSocket(HttpServerExchange exchange) {
        HeaderValues upgrade = exchange.getRequestHeaders().get(Headers.UPGRADE);
        return upgrade != null && upgrade.stream().anyMatch("websocket"::equalsIgnoreCase);
    }

    /** Opens a WebSocket, on a path that is none of these too, which the session is told nothing of. */
    void open(HttpServerExchange exchange, Target target) {
        List<String> path = target.segments();
        List<String> known = takes(target) ? path.subList(prefix.size(), path.size()) : List.of();
        Target inside = new Target(known, target.query());
        ClientRequest request = ClientRequests.of(exchange, inside);
        transports.openPusherSocket(exchange, request);
    }
}
