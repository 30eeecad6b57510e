package dev.pushy.examples.apps;

import dev.pushy.core.Pushy;
import dev.pushy.undertow.PushyHandler;
import dev.pushy.undertow.pusher.AppKey;
import dev.pushy.undertow.pusher.PusherApp;
import dev.pushy.undertow.pusher.WebhookSender;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A product that sells the Pusher protocol to its customers: one port for them, and another one, of this machine only, by
 * which the product takes them in.
 *
 * <p>Run it, then:
 *
 * <pre>
 * curl -X POST 'http://127.0.0.1:8081/customers?name=acme'
 * curl -X POST 'http://127.0.0.1:8081/customers/keys?name=acme'
 * curl -X POST 'http://127.0.0.1:8081/customers/upgrade?name=acme'
 * curl -X DELETE 'http://127.0.0.1:8081/customers?name=acme'
 * </pre>
 *
 * <p>Any Pusher library connects to 127.0.0.1:8080 with the id, key and secret of the answers.
 */
public final class Product implements AutoCloseable {
    private final Customers customers = new Customers();
    private final WebhookSender webhooks;
    private final Pushy pushy;
    private final PushyHandler push;
    private final Undertow server;

    private Product(int port, int adminPort) {
        this.webhooks = new WebhookSender(customers);
        this.pushy =
                Pushy.builder().retain(customers::cacheLife).listener(webhooks).start();
        this.push = PushyHandler.builder(pushy)
                .apps(customers)
                .pusherListener(webhooks)
                .build();
        this.server = Undertow.builder()
                .addHttpListener(port, "127.0.0.1", push)
                .addHttpListener(adminPort, "127.0.0.1", this::administer)
                .build();
        server.start();
    }

    /** Runs the product until the process is ended. */
    public static void main(String[] arguments) {
        Product product = start(8080, 8081);
        Runtime.getRuntime().addShutdownHook(new Thread(product::close, "product-stop"));
        System.out.println("http://127.0.0.1:" + product.port() + "/");
    }

    /** Starts the product on this machine; port 0 takes any that is free. */
    static Product start(int port, int adminPort) {
        return new Product(port, adminPort);
    }

    private void administer(HttpServerExchange exchange) {
        Deque<String> names = exchange.getQueryParameters().get("name");
        String name = names == null ? "" : names.getFirst();
        if (!name.matches("[a-z0-9]{1,32}")) {
            exchange.setStatusCode(400).getResponseSender().send("name: 1 to 32 of a-z and 0-9");
        } else if (exchange.getRequestMethod().equals(Methods.DELETE)) {
            exchange.setStatusCode(customers.remove(name) ? 204 : 404).endExchange();
        } else if (exchange.getRequestMethod().equals(Methods.POST)) {
            post(exchange, name);
        } else {
            exchange.setStatusCode(405).endExchange();
        }
    }

    private void post(HttpServerExchange exchange, String name) {
        switch (exchange.getRequestPath()) {
            case "/customers" -> tell(exchange, customers.add(name), 409);
            case "/customers/keys" -> tell(exchange, customers.addKey(name), 404);
            case "/customers/upgrade" -> tell(exchange, customers.upgrade(name), 404);
            default -> exchange.setStatusCode(404).endExchange();
        }
    }

    /** This answer is the one place where secrets are shown. */
    private static void tell(HttpServerExchange exchange, Optional<PusherApp> customer, int otherwise) {
        if (customer.isEmpty()) {
            exchange.setStatusCode(otherwise).endExchange();
            return;
        }
        String keys = customer.get().keys().stream().map(Product::json).collect(Collectors.joining(","));
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send("{\"id\":\"" + customer.get().id() + "\",\"keys\":[" + keys + "]}");
    }

    private static String json(AppKey key) {
        return "{\"key\":\"" + key.key() + "\",\"secret\":\"" + key.secret() + "\"}";
    }

    /** The port for customers. */
    int port() {
        return port(0);
    }

    /** The port by which they are taken in. */
    int adminPort() {
        return port(1);
    }

    private int port(int listener) {
        return ((InetSocketAddress) server.getListenerInfo().get(listener).getAddress()).getPort();
    }

    @Override
    public void close() {
        push.drain(Duration.ofSeconds(2)).toCompletableFuture().join();
        server.stop();
        push.close();
        pushy.close();
        webhooks.close();
    }
}
