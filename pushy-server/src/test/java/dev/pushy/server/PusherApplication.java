package dev.pushy.server;

import com.pusher.rest.Pusher;
import com.pusher.rest.SignatureUtil;
import com.pusher.rest.data.PresenceUser;
import com.pusher.rest.data.Validity;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An application with users of its own: signs what they may with pusher-http-java, and takes webhooks, which it has checked
 * by the same library.
 */
final class PusherApplication implements AutoCloseable {
    private final Pusher library;
    private final Loopback loopback = new Loopback(new BlockingHandler(this::answer));
    private final List<String> valid = new ArrayList<>();
    private final List<String> invalid = new ArrayList<>();

    PusherApplication(Pusher library) {
        this.library = library;
    }

    URI authorization() {
        return loopback.uri("/pusher/auth");
    }

    URI authentication() {
        return loopback.uri("/pusher/user-auth");
    }

    URI webhook() {
        return loopback.uri("/webhooks");
    }

    /** The bodies of all valid webhooks so far. */
    synchronized List<String> valid() {
        return List.copyOf(valid);
    }

    /** What else was taken for a webhook. */
    synchronized List<String> invalid() {
        return List.copyOf(invalid);
    }

    private void answer(HttpServerExchange exchange) throws IOException {
        String body = new String(exchange.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        switch (exchange.getRequestPath()) {
            case "/webhooks" -> told(exchange, body);
            case "/pusher/auth" -> exchange.getResponseSender().send(authorize(form(body)));
            default -> exchange.getResponseSender().send(authenticate(form(body)));
        }
    }

    private static Map<String, String> form(String body) {
        return Arrays.stream(body.split("&"))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(
                        field -> field[0], field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
    }

    private String authorize(Map<String, String> form) {
        String channel = form.get("channel_name");
        String user = form.get("user");
        return channel.startsWith("presence-")
                ? library.authenticate(
                        form.get("socket_id"), channel, new PresenceUser(user, Map.of("name", "It is " + user)))
                : library.authenticate(form.get("socket_id"), channel);
    }

    /** The library has no call for it. */
    private static String authenticate(Map<String, String> form) {
        String user = "{\"id\":\"" + form.get("user") + "\"}";
        String signature = SignatureUtil.sign(form.get("socket_id") + "::user::" + user, AppsServer.MAIN.secret());
        return "{\"auth\":\"" + AppsServer.MAIN.key() + ":" + signature + "\",\"user_data\":\""
                + user.replace("\"", "\\\"") + "\"}";
    }

    private synchronized void told(HttpServerExchange exchange, String body) {
        Validity validity = library.validateWebhookSignature(
                exchange.getRequestHeaders().getFirst("X-Pusher-Key"),
                exchange.getRequestHeaders().getFirst("X-Pusher-Signature"),
                body);
        (validity == Validity.VALID ? valid : invalid).add(body);
        notifyAll();
    }

    @Override
    public void close() {
        loopback.close();
    }
}
