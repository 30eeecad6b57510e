package dev.pushy.examples.embedded;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * The application as it was before Pushy came: {@code POST /orders} takes an order, {@code POST /orders/7/paid} marks one as
 * paid. What is new is that it tells of each change.
 */
final class Orders implements HttpHandler {
    private final AtomicInteger last = new AtomicInteger();
    private final BiConsumer<String, Map<String, Object>> changed;

    /**
     * An empty book of orders.
     *
     * @param changed is told the channel and the new state of an order that changed
     */
    Orders(BiConsumer<String, Map<String, Object>> changed) {
        this.changed = changed;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        String path = exchange.getRelativePath();
        if (path.isEmpty() || path.equals("/")) {
            tell(exchange, last.incrementAndGet(), "new");
            return;
        }
        int number = number(path);
        if (number < 1 || number > last.get()) {
            exchange.setStatusCode(404).endExchange();
        } else {
            tell(exchange, number, "paid");
        }
    }

    /** The number in {@code /7/paid}, or 0 if the path is another one. */
    private static int number(String path) {
        if (!path.matches("/[0-9]{1,9}/paid")) {
            return 0;
        }
        return Integer.parseInt(path.substring(1, path.indexOf('/', 1)));
    }

    private void tell(HttpServerExchange exchange, int number, String state) {
        changed.accept("orders." + number, Map.of("order", number, "state", state));
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send("{\"order\":" + number + ",\"state\":\"" + state + "\"}");
    }
}
