package dev.pushy.server;

import dev.pushy.core.Broker;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.util.function.Supplier;

/**
 * {@code /health/live}: the process answers. {@code /health/ready}: it should get clients; 503 while it starts or drains,
 * and when it is deaf, that is, when publishing works and receiving does not. While the broker is away altogether a node
 * stays ready, unless configured otherwise: all nodes would go at once, and a browser's EventSource that gets one 503
 * never comes back.
 */
final class HealthHandler implements HttpHandler {
    /** The state in which a node should get clients. */
    static final String READY = "ready";

    private static final String LIVE = "live";

    private final Supplier<String> state;

    private HealthHandler(Supplier<String> state) {
        this.state = state;
    }

    static HealthHandler live() {
        return new HealthHandler(() -> LIVE);
    }

    /** Asks for the node's state with each request; see {@link #state}. */
    static HealthHandler ready(Supplier<String> state) {
        return new HealthHandler(state);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        boolean get = exchange.getRequestMethod().equals(Methods.GET)
                || exchange.getRequestMethod().equals(Methods.HEAD);
        if (!get) {
            exchange.setStatusCode(StatusCodes.METHOD_NOT_ALLOWED);
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
            exchange.endExchange();
            return;
        }
        String now = state.get();
        boolean good = now.equals(LIVE) || now.equals(READY);
        exchange.setStatusCode(good ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send("{\"status\":\"" + now + "\"}");
    }

    /** One word for how the node does; {@code ready} is the only one with which it should get clients. */
    static String state(Readiness.Stage stage, boolean started, Broker.Health health, boolean readyWithoutBroker) {
        if (stage == Readiness.Stage.DRAINING) {
            return "draining";
        }
        if (stage == Readiness.Stage.STARTING || !started) {
            return "starting";
        }
        if (health.receiving()) {
            return READY;
        }
        if (health.publishing()) {
            return "deaf";
        }
        return readyWithoutBroker ? READY : "broker_unavailable";
    }
}
