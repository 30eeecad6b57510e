package dev.pushy.undertow.pusher;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.EventLoop;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A socket that keeps what it is given, on a loop whose turns the test takes. */
final class FakeSocket implements ClientSocket, Connection {
    private final String id;
    private final EventLoop loop;
    private final ClientRequest request;
    private final WireFormat format;
    private final ClientSession session;
    private final List<String> texts = new ArrayList<>();
    ClientSession.@Nullable CloseCode closed;

    @Nullable
    Duration silence;

    boolean suspended;

    FakeSocket(ClientProtocol protocol, EventLoop loop, String id, String path, Map<String, String> query) {
        Map<String, List<String>> values = new java.util.HashMap<>();
        query.forEach((name, value) -> values.put(name, List.of(value)));
        this.id = id;
        this.loop = loop;
        this.request = new ClientRequest(path, values, null, null, null, null, null, false, "localhost");
        this.format = protocol.texts(request);
        this.session = protocol.open(this);
    }

    ClientSession session() {
        return session;
    }

    /** The texts that came since this was asked last. */
    List<String> texts() {
        List<String> taken = List.copyOf(texts);
        texts.clear();
        return taken;
    }

    @Override
    public Connection connection() {
        return this;
    }

    @Override
    public ClientRequest request() {
        return request;
    }

    @Override
    public void send(String text) {
        if (closed == null) {
            texts.add(text);
        }
    }

    @Override
    public void close(ClientSession.CloseCode code, CloseReason reason) {
        if (closed == null) {
            closed = code;
            loop.execute(() -> session.onClosed(reason));
        }
    }

    @Override
    public void pingAfter(Duration quiet, Duration answer) {
        silence = quiet;
    }

    @Override
    public void suspendReads() {
        suspended = true;
    }

    @Override
    public void resumeReads() {
        suspended = false;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String transport() {
        return "fake";
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public WireFormat format() {
        return format;
    }

    @Override
    public void append(byte[] frame, @Nullable Publication publication) {
        send(new String(frame, StandardCharsets.UTF_8));
    }

    @Override
    public void flush() {}

    @Override
    public int backlog() {
        return 0;
    }

    @Override
    public void close(CloseReason reason) {
        if (closed == null) {
            session.onClosing(reason);
            close(session.closeCode(reason), reason);
        }
    }
}
