package dev.pushy.examples.embedded;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.Pushy;
import dev.pushy.core.jwt.JwtTokenService;
import dev.pushy.undertow.PushyHandler;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.server.handlers.resource.ClassPathResourceManager;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * An Undertow application with Pushy in it: the shop's own pages and paths, Pushy at {@code /push}, and a page that shows
 * each order as it changes.
 *
 * <p>Run it, open http://127.0.0.1:8080/ in two windows, and order something.
 */
public final class Shop implements AutoCloseable {
    private static final Duration TOKEN_LIFE = Duration.ofMinutes(10);

    private final Pushy pushy;
    private final PushyHandler push;
    private final Undertow server;

    private Shop(Pushy pushy, PushyHandler push, Undertow server) {
        this.pushy = pushy;
        this.push = push;
        this.server = server;
    }

    /** Runs the shop until the process is ended. */
    public static void main(String[] arguments) {
        Shop shop = start(8080, "a-secret-of-at-least-32-bytes-from-your-vault");
        Runtime.getRuntime().addShutdownHook(new Thread(shop::close, "shop-stop"));
        System.out.println("http://127.0.0.1:" + shop.port() + "/");
    }

    /**
     * Starts the shop on this machine.
     *
     * @param port to listen on, 0 for any that is free
     * @param secret that tokens are signed with, at least 32 bytes
     */
    static Shop start(int port, String secret) {
        PathHandler app = Handlers.path();
        Visitors visitors = new Visitors();
        Pushy pushy = Pushy.builder()
                .tokens(JwtTokenService.hs512(secret))
                .listener(visitors)
                .start();
        PushyHandler push = PushyHandler.builder(pushy).build();
        app.addPrefixPath("/push", push);

        Orders orders = new Orders(pushy::publish);
        app.addPrefixPath("/orders", orders);

        app.addExactPath("/token", new BlockingHandler(exchange -> sendToken(pushy, exchange)));
        app.addExactPath("/visitors", exchange -> exchange.getResponseSender().send(visitors.count() + " here"));
        app.addPrefixPath("/", pages());
        Undertow server = Undertow.builder()
                .addHttpListener(port, "127.0.0.1")
                .setHandler(app)
                .build();
        server.start();
        return new Shop(pushy, push, server);
    }

    private static HttpHandler pages() {
        return Handlers.resource(new ClassPathResourceManager(Shop.class.getClassLoader(), Shop.class.getPackage()))
                .addWelcomeFiles("shop.html");
    }

    /** A token for the page. A real shop asks first who is there, and grants what that person may see. */
    private static void sendToken(Pushy pushy, HttpServerExchange exchange) {
        long now = Instant.now().getEpochSecond();
        List<ChannelPattern> orders = List.of(ChannelPattern.of("orders.*"));
        String token = pushy.issue(new Grant(
                Channel.DEFAULT_APP, "visitor", orders, List.of(), "null", null, now, now + TOKEN_LIFE.toSeconds()));
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send("{\"token\":\"" + token + "\"}");
    }

    /** The port that it listens on. */
    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    /** Sends the clients away, each with a delay of its own before it comes back, then stops. */
    @Override
    public void close() {
        push.drain(Duration.ofSeconds(2)).toCompletableFuture().join();
        server.stop();
        push.close();
        pushy.close();
    }
}
