package dev.pushy.server;

import dev.pushy.core.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The lines of an event stream as they come. */
final class EventStream implements AutoCloseable {
    private static final String END = "(the stream ended)";

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Stream<String> body;

    private EventStream(Stream<String> body) {
        this.body = body;
        Thread reader = new Thread(this::read, "event-stream");
        reader.setDaemon(true);
        reader.start();
    }

    /** Opens one. An empty cursor is none. */
    static EventStream open(HttpClient client, URI uri, String cursor) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(uri).header("Accept", "text/event-stream");
        HttpRequest request = (cursor.isEmpty() ? builder : builder.header("Last-Event-ID", cursor)).build();
        CompletableFuture<HttpResponse<Stream<String>>> answer =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofLines());
        return new EventStream(Await.get(answer).body());
    }

    private void read() {
        try {
            body.forEach(lines::add);
        } catch (RuntimeException e) {
            // It was closed on one side or the other.
        }
        lines.add(END);
    }

    /** All lines up to one that holds the text; waits for it. */
    List<String> until(String text) throws InterruptedException {
        List<String> seen = new ArrayList<>();
        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
        while (true) {
            String line = lines.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null || line.equals(END)) {
                throw new AssertionError("no \"" + text + "\" but " + (line == null ? "" : line) + " after " + seen);
            }
            seen.add(line);
            if (line.contains(text)) {
                return seen;
            }
        }
    }

    @Override
    public void close() {
        body.close();
    }
}
