package dev.pushy.undertow;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client of the JDK, with the texts that came in a queue. */
final class WsClient implements WebSocket.Listener, AutoCloseable {
    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder part = new StringBuilder();
    private WebSocket socket;

    static WsClient open(HttpClient http, URI uri, String... subprotocols) {
        WsClient client = new WsClient();
        WebSocket.Builder builder = http.newWebSocketBuilder();
        if (subprotocols.length > 0) {
            String[] rest = new String[subprotocols.length - 1];
            System.arraycopy(subprotocols, 1, rest, 0, rest.length);
            builder.subprotocols(subprotocols[0], rest);
        }
        client.socket = builder.buildAsync(uri, client).join();
        return client;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            texts.add(part.toString());
            part.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        closed.completeExceptionally(error);
    }

    String subprotocol() {
        return socket.getSubprotocol();
    }

    WsClient send(String text) {
        socket.sendText(text, true).join();
        return this;
    }

    void sendBinary(byte[] bytes) {
        socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    }

    /** The next text. */
    JsonNode next() {
        try {
            String text = texts.poll(15, TimeUnit.SECONDS);
            if (text == null) {
                throw new AssertionError("no text came");
            }
            return NodeServer.json(text);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The next text, which must be of this type. */
    JsonNode next(String type) {
        JsonNode text = next();
        if (!type.equals(text.path("type").asText())) {
            throw new AssertionError("expected " + type + ", got " + text);
        }
        return text;
    }

    /** The next error, which must have this code. */
    JsonNode error(String code) {
        JsonNode error = next("error");
        if (!code.equals(error.path("code").asText())
                || error.path("message").asText().isEmpty()) {
            throw new AssertionError("expected error " + code + ", got " + error);
        }
        return error;
    }

    WsClient opened() {
        next("open");
        return this;
    }

    int closeCode() {
        return closed.orTimeout(15, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
