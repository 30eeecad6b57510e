package dev.pushy.examples.tokens;

import dev.pushy.core.Channel;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.PushyHandler;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.Cookie;
import io.undertow.server.handlers.CookieImpl;
import io.undertow.server.handlers.resource.ClassPathResourceManager;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.Optional;

/**
 * A chat whose log-in is all that Pushy knows about its users: the cookie of the session is the token of the WebSocket. A
 * log-out ends the connections of that session at once.
 *
 * <p>Run it and open http://127.0.0.1:8080/.
 */
public final class Chat implements AutoCloseable {
    /** Where Pushy looks for a token when nothing else holds one; it counts for pages of our own origin only. */
    private static final String COOKIE = "pushy_token";

    private final Pushy pushy;
    private final PushyHandler push;
    private final Undertow server;
    private final Sessions sessions;

    private Chat(int port) {
        this.sessions = new Sessions(InstantSource.system(), Duration.ofHours(12), 10_000);
        this.pushy = Pushy.builder().tokens(sessions).start();
        this.push = PushyHandler.builder(pushy).queryTokens(false).build();
        HttpHandler pages = Handlers.resource(
                        new ClassPathResourceManager(Chat.class.getClassLoader(), Chat.class.getPackage()))
                .addWelcomeFiles("chat.html");
        this.server = Undertow.builder()
                .addHttpListener(port, "127.0.0.1")
                .setHandler(Handlers.path(pages)
                        .addPrefixPath("/push", push)
                        .addExactPath("/login", this::logIn)
                        .addExactPath("/logout", this::logOut))
                .build();
        server.start();
    }

    /** Runs the chat until the process is ended. */
    public static void main(String[] arguments) {
        Chat chat = start(8080);
        Runtime.getRuntime().addShutdownHook(new Thread(chat::close, "chat-stop"));
        System.out.println("http://127.0.0.1:" + chat.port() + "/");
    }

    /** Starts the chat on this machine; port 0 takes any that is free. */
    static Chat start(int port) {
        return new Chat(port);
    }

    /** {@code POST /login?user=ann}. A real application asks for more than a name. */
    private void logIn(HttpServerExchange exchange) {
        Deque<String> users = exchange.getQueryParameters().get("user");
        String user = users == null ? "" : users.getFirst();
        if (!user.matches("[a-z0-9]{1,32}")) {
            exchange.setStatusCode(400).getResponseSender().send("user: 1 to 32 of a-z and 0-9");
            return;
        }
        Optional<String> secret = sessions.begin(user);
        if (secret.isEmpty()) {
            exchange.setStatusCode(503).endExchange();
            return;
        }
        exchange.setResponseCookie(cookie(secret.get())).setStatusCode(204).endExchange();
    }

    /** {@code POST /logout}. */
    private void logOut(HttpServerExchange exchange) {
        Cookie cookie = exchange.getRequestCookie(COOKIE);
        Optional<String> ended = cookie == null ? Optional.empty() : sessions.end(cookie.getValue());
        ended.ifPresent(id -> pushy.revokeToken(Channel.DEFAULT_APP, id));
        exchange.setResponseCookie(cookie("").setMaxAge(0)).setStatusCode(204).endExchange();
    }

    /** Not for scripts, and not for other sites. Behind TLS it should also be {@code Secure}. */
    private static Cookie cookie(String value) {
        return new CookieImpl(COOKIE, value).setPath("/").setHttpOnly(true).setSameSiteMode("Strict");
    }

    /** The port that it listens on. */
    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    public void close() {
        push.drain(Duration.ofSeconds(2)).toCompletableFuture().join();
        server.stop();
        push.close();
        pushy.close();
    }
}
