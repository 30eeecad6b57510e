package dev.pushy.server;

import dev.pushy.core.Broker;
import dev.pushy.core.Pushy;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;

/**
 * {@code /health/live}: the process answers. {@code /health/ready}: it should get clients; 503 while it starts or drains,
 * and when it is deaf, that is, when publishing works and receiving does not. While the broker is away altogether a node
 * stays ready, unless configured otherwise: all nodes would go at once, and a browser's EventSource that gets one 503
 * never comes back.
 */
final class HealthHandler implements HttpHandler {
    private final Readiness readiness;
    private final Pushy pushy;
    private final boolean readyWithoutBroker;
    private final boolean asksReady;

    private HealthHandler(Readiness readiness, Pushy pushy, boolean readyWithoutBroker, boolean asksReady) {
        this.readiness = readiness;
        this.pushy = pushy;
        this.readyWithoutBroker = readyWithoutBroker;
        this.asksReady = asksReady;
    }

    static HealthHandler live(Readiness readiness, Pushy pushy) {
        return new HealthHandler(readiness, pushy, true, false);
    }

    static HealthHandler ready(Readiness readiness, Pushy pushy, boolean readyWithoutBroker) {
        return new HealthHandler(readiness, pushy, readyWithoutBroker, true);
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
        String state = asksReady ? state() : "live";
        boolean good = state.equals("live") || state.equals("ready");
        exchange.setStatusCode(good ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send("{\"status\":\"" + state + "\"}");
    }

    private String state() {
        return state(readiness.stage(), pushy.isStarted(), pushy.health(), readyWithoutBroker);
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
            return "ready";
        }
        if (health.publishing()) {
            return "deaf";
        }
        return readyWithoutBroker ? "ready" : "broker_unavailable";
    }
}
