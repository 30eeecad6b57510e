package dev.pushy.undertow.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plain client that counts what it hears, and checks that messages with numbers come in their order. */
final class Tally implements WireListener {
    final List<String> errors = new ArrayList<>();
    int messages;
    int last;
    boolean open;
    private final WireSocket socket;

    private Tally(int port, int receiveBuffer, boolean sse, String target) throws IOException {
        socket = WireSocket.open(port, receiveBuffer, sse, target, "", new NativeReader(this));
    }

    static Tally stream(Node node, String channels) throws IOException {
        return new Tally(node.port(), 0, true, node.stream(channels));
    }

    static Tally webSocket(Node node, String channels) throws IOException {
        return new Tally(node.port(), 0, false, node.webSocket(channels));
    }

    /** A WebSocket at this target. */
    static Tally at(Node node, String target) throws IOException {
        return new Tally(node.port(), 0, false, target);
    }

    /** A client with little room for what it has not read. */
    static Tally narrow(Node node, boolean sse, String channels) throws IOException {
        return new Tally(node.port(), 2_048, sse, sse ? node.stream(channels) : node.webSocket(channels));
    }

    WireSocket socket() {
        return socket;
    }

    /** Reads what is there. */
    int read() {
        int all = 0;
        for (int length = socket.read(64 * 1024); length > 0; length = socket.read(64 * 1024)) {
            all += length;
        }
        return all;
    }

    @Override
    public void onMessage(JsonNode envelope, @Nullable String cursor) {
        messages++;
        int number = envelope.path("data").asInt(envelope.path("data").path("n").asInt());
        if (number <= last) {
            errors.add(number + " behind " + last);
        }
        last = number;
    }

    @Override
    public void onCheckpoint(String cursor) {}

    @Override
    public void onOpen(JsonNode opened) {
        open = true;
    }

    @Override
    public void onGap(JsonNode gap) {
        errors.add("gap " + gap);
    }

    @Override
    public void onSubscribed(JsonNode answer) {}

    @Override
    public void onError(String what) {
        errors.add(what);
    }
}
