package dev.pushy.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A connection that keeps what it is given, and can be as slow as a test wants. */
final class RecordingConnection implements Connection, Subscriber.Listener {
    private final String id;
    private final EventLoop loop;
    private final WireFormat format;
    private final List<String> waiting = new ArrayList<>();
    private int backlog;

    final List<String> received = new ArrayList<>();
    int flushes;
    boolean stuck;
    boolean fails;
    CloseReason closed;
    boolean joinsByPolicy = true;
    /** Set where it writes past its queue; called with each such write. */
    Runnable writesNow;

    RecordingConnection(String id, EventLoop loop, WireFormat format) {
        this.id = id;
        this.loop = loop;
        this.format = format;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String transport() {
        return "test";
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
    public void append(byte[] frame, Publication publication) {
        if (fails) {
            throw new IllegalStateException("a fault of the test");
        }
        waiting.add(new String(frame, StandardCharsets.UTF_8));
        backlog += frame.length;
    }

    @Override
    public void flush() {
        flushes++;
        if (!stuck) {
            received.addAll(waiting);
            waiting.clear();
            backlog = 0;
        }
    }

    @Override
    public boolean writeNow(Burst burst) {
        if (writesNow == null) {
            return false;
        }
        for (int i = 0; i < burst.size(); i++) {
            received.add(new String(burst.frame(i), StandardCharsets.UTF_8));
        }
        writesNow.run();
        return true;
    }

    @Override
    public int backlog() {
        return backlog;
    }

    @Override
    public void close(CloseReason reason) {
        closed = reason;
    }

    @Override
    public boolean joinsByPolicy() {
        return joinsByPolicy;
    }

    @Override
    public void onOpen(Cursor cursor, boolean resumed) {
        append(("open " + cursor + " " + resumed).getBytes(StandardCharsets.UTF_8), null);
    }

    @Override
    public void onChange(ControlMessage.ChangeStream change) {
        waiting.add("change " + change);
    }

    @Override
    public void onDrain(long reconnectMillis) {
        waiting.add("drain");
    }

    /** The messages received, without what goes with them. */
    List<String> messages() {
        List<String> messages = new ArrayList<>();
        for (String line : received) {
            if (line.startsWith("message ")) {
                messages.add(line.substring("message ".length(), line.lastIndexOf(' '))
                        .replace(" since", ""));
            }
        }
        return messages;
    }

    /** The last cursor received. */
    String cursor() {
        String cursor = "";
        for (String line : received) {
            String last = line.substring(line.lastIndexOf(' ') + 1);
            if (line.startsWith("message ") && !line.contains(" since ")) {
                cursor = last;
            } else if (line.startsWith("checkpoint ")) {
                cursor = last;
            } else if (line.startsWith("open ")) {
                cursor = line.substring(5, line.lastIndexOf(" "));
            }
        }
        return cursor;
    }
}
