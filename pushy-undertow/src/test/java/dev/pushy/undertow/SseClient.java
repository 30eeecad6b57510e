package dev.pushy.undertow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Reads an SSE stream block by block with the JDK's client, by the rules of the HTML standard. */
final class SseClient implements AutoCloseable {
    private static final Block END = new Block(null, null, "(end of stream)");

    final HttpResponse<Stream<String>> response;
    private final BlockingQueue<Block> blocks = new LinkedBlockingQueue<>();
    private volatile String lastEventId = "";

    /** A block; data is null where nothing is dispatched. */
    record Block(String id, String event, String data) {
        boolean isEvent(String name) {
            return name.equals(event) && data != null;
        }
    }

    private SseClient(HttpResponse<Stream<String>> response) {
        this.response = response;
        Thread reader = new Thread(this::read, "sse-client");
        reader.setDaemon(true);
        reader.start();
    }

    static SseClient open(HttpClient http, HttpRequest.Builder request) {
        try {
            return new SseClient(http.send(request.build(), HttpResponse.BodyHandlers.ofLines()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void read() {
        List<String> lines = new ArrayList<>();
        try {
            response.body().forEach(line -> {
                if (line.isEmpty()) {
                    blocks.add(parse(lines));
                    lines.clear();
                } else {
                    lines.add(line);
                }
            });
        } catch (UncheckedIOException e) {
            // The stream was cut.
        }
        blocks.add(END);
    }

    private Block parse(List<String> lines) {
        String id = null;
        String event = null;
        StringBuilder data = null;
        for (String line : lines) {
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            switch (field) {
                case "id" -> id = value;
                case "event" -> event = value;
                case "data" -> data = (data == null ? new StringBuilder() : data.append('\n')).append(value);
                default -> {}
            }
        }
        if (id != null) {
            lastEventId = id;
        }
        return new Block(id, event, data == null ? null : data.toString());
    }

    String lastEventId() {
        return lastEventId;
    }

    /** The next block whatever it is. */
    Block block() {
        try {
            Block block = blocks.poll(15, TimeUnit.SECONDS);
            if (block == null) {
                throw new AssertionError("no block came");
            }
            return block;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The next block that dispatches an event. */
    Block event() {
        Block block = block();
        while (block.data() == null) {
            block = block();
        }
        if (END.equals(block)) {
            throw new AssertionError("the stream has ended");
        }
        return block;
    }

    /** The next event, which must be this one. */
    Block event(String name) {
        Block block = event();
        if (!name.equals(block.event())) {
            throw new AssertionError("expected " + name + ", got " + block);
        }
        return block;
    }

    /** Reads on until the stream ends. */
    List<Block> untilEnd() {
        List<Block> rest = new ArrayList<>();
        for (Block block = block(); !END.equals(block); block = block()) {
            rest.add(block);
        }
        return rest;
    }

    SseClient opened() {
        event("pushy:open");
        return this;
    }

    @Override
    public void close() {
        response.body().close();
    }
}
