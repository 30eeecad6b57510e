package dev.pushy.server;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.pushy.core.Broker;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /health/live}: the process answers. {@code /health/ready}: it should get clients; 503 while it starts or drains,
 * and when it is deaf, that is, when publishing works and receiving does not. While the broker is away altogether a node
 * stays ready, unless configured otherwise: all nodes would go at once, and a browser's EventSource that gets one 503
 * never comes back.
 */
final class HealthHandler implements HttpHandler {
    private static final State LIVE = new State("live", null);
    private static final String READY = "ready";

    private final Supplier<State> state;

    /**
     * How the node does.
     *
     * @param word one word for it
     * @param detail what is wrong, and what to do about it; null where nothing is
     */
    record State(String word, @Nullable String detail) {
        /** Whether the node should get clients. */
        boolean isReady() {
            return word.equals(READY);
        }

        private String json() {
            String why = detail == null ? "" : ",\"detail\":\"" + quoted(detail) + "\"";
            return "{\"status\":\"" + word + "\"" + why + "}";
        }

        private static String quoted(String text) {
            return new String(JsonStringEncoder.getInstance().quoteAsString(text));
        }
    }

    private HealthHandler(Supplier<State> state) {
        this.state = state;
    }

    static HealthHandler live() {
        return new HealthHandler(() -> LIVE);
    }

    /** Asks for the node's state with each request; see {@link #state}. */
    static HealthHandler ready(Supplier<State> state) {
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
        State now = state.get();
        boolean good = now.equals(LIVE) || now.isReady();
        exchange.setStatusCode(good ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(now.json());
    }

    /** How the node does; what is wrong with the backplane is told also where the node stays ready. */
    static State state(Readiness.Stage stage, boolean started, Broker.Health health, boolean readyWithoutBroker) {
        return new State(word(stage, started, health, readyWithoutBroker), health.detail());
    }

    private static String word(
            Readiness.Stage stage, boolean started, Broker.Health health, boolean readyWithoutBroker) {
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
