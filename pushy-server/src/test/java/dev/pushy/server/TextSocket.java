package dev.pushy.server;

import dev.pushy.core.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The texts of a WebSocket as they come. */
final class TextSocket implements WebSocket.Listener, AutoCloseable {
    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private volatile WebSocket socket;

    private TextSocket() {}

    static TextSocket open(HttpClient client, URI uri) {
        TextSocket opened = new TextSocket();
        opened.socket = Await.get(client.newWebSocketBuilder().buildAsync(uri, opened));
        return opened;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            texts.add(text.toString());
            text.setLength(0);
        }
        from.request(1);
        return null;
    }

    /** All texts up to one that holds this; waits for it. */
    List<String> until(String part) throws InterruptedException {
        List<String> seen = new ArrayList<>();
        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
        while (true) {
            String next = texts.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                throw new AssertionError("no " + part + " after " + seen);
            }
            seen.add(next);
            if (next.contains(part)) {
                return seen;
            }
        }
    }

    @Override
    public void close() {
        socket.abort();
    }
}
