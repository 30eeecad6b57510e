package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.protocol.TextArray;
import io.undertow.server.HttpServerExchange;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the transports have in common by which clients send. */
final class Sending {
    private Sending() {}

    /**
     * Hands messages to their session.
     *
     * @param json an array of strings, or null
     * @param body of the request
     * @param accepted answers the exchange when they were read
     */
    static void deliver(Call call, @Nullable String json, byte[] body, Consumer<HttpServerExchange> accepted) {
        HttpServerExchange exchange = call.exchange();
        if (json == null || json.isEmpty()) {
            Replies.text(exchange, 500, "Payload expected.");
            return;
        }
        List<String> texts;
        try {
            texts = TextArray.read(json);
        } catch (RequestException e) {
            boolean broken = e.fault() == Fault.INVALID_JSON;
            Replies.text(exchange, 500, broken ? "Broken JSON encoding." : "Payload expected.");
            return;
        }
        int limit = call.endpoint().settings().clientMessageBytes();
        for (String text : texts) {
            if (text.length() > limit / 3 && text.getBytes(StandardCharsets.UTF_8).length > limit) {
                Replies.text(exchange, 413, "A message has more than " + limit + " bytes, which is the limit.");
                return;
            }
        }
        Messages messages = new Messages(texts, body.length, new Answer(exchange, accepted));
        SockJsSession session = call.session();
        if (session != null) {
            messages.deliver(session);
        } else {
            call.endpoint().forwarding().route(call, false, body, () -> messages.deliver(call.session()));
        }
    }

    private record Messages(List<String> texts, int size, Answer answer) {
        void deliver(@Nullable SockJsSession session) {
            if (session == null) {
                Replies.notFound(answer.exchange());
            } else if (session.loop().inEventLoop()) {
                session.receive(texts, size, answer);
            } else {
                session.loop().execute(() -> session.receive(texts, size, answer));
            }
        }
    }

    /** The bytes as text, or null if they are not UTF-8; then the request was refused. */
    static @Nullable String text(HttpServerExchange exchange, byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            Replies.text(exchange, 500, "Broken JSON encoding.");
            return null;
        }
    }

    private record Answer(HttpServerExchange exchange, Consumer<HttpServerExchange> onAccepted)
            implements Inbox.Answer {
        @Override
        public void accepted() {
            exchange.getIoThread().execute(() -> onAccepted.accept(exchange));
        }

        @Override
        public void refused() {
            exchange.getIoThread().execute(() -> Replies.notFound(exchange));
        }
    }
}
