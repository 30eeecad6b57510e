package dev.pushy.undertow.api;

import dev.pushy.undertow.protocol.RequestException;
import io.undertow.server.HttpServerExchange;
import java.util.List;
import java.util.Map;

/**
 * SockJS: the native protocol below {@code /channels/sockjs}, Pusher's below {@code /pusher}, and there below
 * {@code /pusher/app/KEY} the HTTP fallbacks of pusher-js. What a session is told of its request holds no credentials: a
 * token comes in its first text.
 */
final class SockJsEndpoints {
    private static final List<String> NATIVE = List.of("channels", "sockjs");
    private static final String PUSHER = "pusher";
    private static final String APP = "app";

    private final ApiSettings.Transports transports;
    private final boolean pusher;
    private final List<String> prefix;

    SockJsEndpoints(ApiSettings settings) {
        this.transports = settings.transports();
        this.pusher = settings.apps() != null;
        this.prefix = settings.pusherPath();
    }

    /** Takes a request if its path is one of these. */
    boolean take(HttpServerExchange exchange) {
        String raw = Target.rawPath(exchange);
        if (!raw.contains("/sockjs") && !raw.contains("/pusher")) {
            return false;
        }
        Target target;
        try {
            target = Target.of(exchange);
        } catch (RequestException e) {
            return false;
        }
        List<String> path = target.segments();
        if (path.size() >= NATIVE.size() && path.subList(0, NATIVE.size()).equals(NATIVE)) {
            open(exchange, ApiSettings.SockJs.NATIVE, path, NATIVE.size());
            return true;
        }
        int behind = prefix.size();
        if (!pusher
                || path.size() <= behind
                || !path.subList(0, behind).equals(prefix)
                || !path.get(behind).equals(PUSHER)) {
            return false;
        }
        if (path.size() > behind + 2 && path.get(behind + 1).equals(APP)) {
            openFallback(exchange, target, behind + 1);
        } else {
            open(exchange, ApiSettings.SockJs.PUSHER, path, behind + 1);
        }
        return true;
    }

    private void open(HttpServerExchange exchange, ApiSettings.SockJs what, List<String> path, int mounted) {
        Target endpoint = new Target(path.subList(0, mounted), Map.of());
        transports.openSockJs(
                exchange, what, path.subList(mounted, path.size()), ClientRequests.bare(exchange, endpoint));
    }

    /** The app's key is a part of the address that the session is told. */
    private void openFallback(HttpServerExchange exchange, Target target, int app) {
        List<String> path = target.segments();
        Target address = new Target(path.subList(app, app + 2), target.query());
        transports.openSockJs(
                exchange,
                ApiSettings.SockJs.PUSHER_FALLBACK,
                path.subList(app + 2, path.size()),
                ClientRequests.bare(exchange, address));
    }
}
