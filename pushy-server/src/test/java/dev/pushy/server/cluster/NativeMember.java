package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.undertow.wire.NativeReader;
import dev.pushy.undertow.wire.WireListener;
import dev.pushy.undertow.wire.WireSocket;
import java.io.IOException;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A member on a channel of the native protocol, over SSE or WebSocket. */
final class NativeMember extends Member implements WireListener {
    private final boolean sse;
    private final String token;
    private boolean open;

    NativeMember(String subject, Random random, boolean sse, String token) {
        super(subject, Members.ROOM, sse ? "sse" : "ws", random);
        this.sse = sse;
        this.token = token;
    }

    @Override
    WireSocket open(Node node, int receiveBuffer) throws IOException {
        String target = "/channels/" + (sse ? "stream" : "ws") + "?channels=" + channel;
        String headers = "Authorization: Bearer " + token + "\r\n";
        WireSocket made = WireSocket.open(node.port(), receiveBuffer, sse, target, headers, new NativeReader(this));
        log.add(new Heard.Connected(node.name(), null));
        return made;
    }

    @Override
    boolean isSettled() {
        return isHere() == isConnected() && isHere() == open;
    }

    @Override
    void closed() {
        open = false;
        view.reset();
    }

    @Override
    public void onMessage(JsonNode envelope, @Nullable String cursor) {
        log.add(new Heard.Fault("UNKNOWN " + envelope));
    }

    @Override
    public void onCheckpoint(String cursor) {
        // Nothing is published here that could be missed.
    }

    @Override
    public void onOpen(JsonNode opened) {
        open = true;
        log.add(new Heard.Opened(null));
    }

    @Override
    public void onGap(JsonNode gap) {
        // As above.
    }

    @Override
    public void onSubscribed(JsonNode answer) {
        log.add(new Heard.Fault("UNASKED " + answer));
    }

    @Override
    public void onJoin(JsonNode join) {
        view.comes(join.path("member").path("subject").asText());
    }

    @Override
    public void onLeave(JsonNode leave) {
        view.goes(leave.path("member").path("subject").asText());
    }

    @Override
    public void onReconnect(JsonNode reconnect) {
        // It comes back when the connection ends.
    }

    @Override
    public void onError(String what) {
        error(what);
    }
}
