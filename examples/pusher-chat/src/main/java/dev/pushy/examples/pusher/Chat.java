package dev.pushy.examples.pusher;

import com.pusher.rest.Pusher;
import com.pusher.rest.data.PresenceUser;
import com.pusher.rest.data.Result;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A chat as it is written for Pusher: pusher-js in the page, pusher-http-java behind it. The page subscribes to a presence
 * channel, for which this backend signs, and what somebody says goes through this backend, which triggers an event.
 *
 * <p>Start Pushy with {@code bin/pushy start --dev}, run this, and open http://127.0.0.1:8080/ in two windows.
 */
public final class Chat implements AutoCloseable {
    private static final String CHANNEL = "presence-chat";
    private static final int LONGEST_BODY = 8 * 1024;
    private static final int LONGEST_TEXT = 1_000;

    private final App app;
    private final Pusher pusher;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);

    /** The app as Pushy knows it, and where Pushy is. */
    record App(String id, String key, String secret, String host, int port) {
        /** What {@code bin/pushy start --dev} serves. */
        static final App SAMPLE = new App("1", "my-app-key", "my-app-secret", "127.0.0.1", 4000);
    }

    private Chat(App app, int port) throws IOException {
        this.app = app;
        this.pusher = new Pusher(app.id(), app.key(), app.secret());
        pusher.setHost(app.host() + ":" + app.port());
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", exchange -> answer(exchange, 200, "text/html; charset=utf-8", page()));
        server.createContext("/pusher/auth", this::authorize);
        server.createContext("/messages", this::say);
        server.setExecutor(threads);
        server.start();
    }

    /** Runs the chat until the process is ended. */
    public static void main(String[] arguments) throws IOException {
        Chat chat = start(App.SAMPLE, 8080);
        System.out.println("http://127.0.0.1:" + chat.port() + "/");
    }

    /** Starts the chat on this machine; port 0 takes any that is free. */
    static Chat start(App app, int port) throws IOException {
        return new Chat(app, port);
    }

    private String page() throws IOException {
        try (InputStream page = Chat.class.getResourceAsStream("chat.html")) {
            if (page == null) {
                throw new IOException("chat.html is missing");
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("%KEY%", app.key())
                    .replace("%HOST%", app.host())
                    .replace("%PORT%", Integer.toString(app.port()));
        }
    }

    /** {@code POST /pusher/auth}, asked by pusher-js. A real application knows from a session who asks. */
    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> form = form(exchange);
        String user = form.getOrDefault("user", "");
        if (!isName(user) || !CHANNEL.equals(form.get("channel_name"))) {
            answer(exchange, 403, "text/plain", "Only who has a name, and only for " + CHANNEL);
            return;
        }
        try {
            PresenceUser member = new PresenceUser(user, Map.of("name", user));
            answer(exchange, 200, "application/json", pusher.authenticate(form.get("socket_id"), CHANNEL, member));
        } catch (IllegalArgumentException badSocketId) {
            answer(exchange, 400, "text/plain", "socket_id will not do");
        }
    }

    /** {@code POST /messages}: everybody hears it, who says it too. */
    private void say(HttpExchange exchange) throws IOException {
        Map<String, String> form = form(exchange);
        String user = form.getOrDefault("user", "");
        String text = form.getOrDefault("text", "");
        if (!isName(user) || text.isEmpty() || text.length() > LONGEST_TEXT) {
            answer(exchange, 400, "text/plain", "user and text are needed");
            return;
        }
        Result result = pusher.trigger(CHANNEL, "said", Map.of("from", user, "text", text));
        boolean sent = result.getStatus() == Result.Status.SUCCESS;
        answer(exchange, sent ? 200 : 502, "text/plain", sent ? "" : "Not sent: " + result.getStatus());
    }

    private static boolean isName(String user) {
        return user.matches("[a-z0-9]{1,32}");
    }

    private static Map<String, String> form(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readNBytes(LONGEST_BODY), StandardCharsets.UTF_8);
        Map<String, String> form = new HashMap<>();
        for (String field : body.split("&", -1)) {
            String[] pair = field.split("=", 2);
            if (pair.length == 2) {
                form.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
            }
        }
        return form;
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** The port that it listens on. */
    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
