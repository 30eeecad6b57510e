package dev.pushy.undertow.protocol;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Cursor;
import dev.pushy.core.EventLoop;
import dev.pushy.core.Grant;
import dev.pushy.core.Publication;
import dev.pushy.core.Pushy;
import dev.pushy.core.Resume;
import dev.pushy.core.Subscriber;
import dev.pushy.core.WireFormat;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One long poll: a connection that ends with the first messages, or when the time is up. Confined to its loop, but for what
 * {@link Connection} says.
 *
 * <p>The cursor of the answer is that of the last message in it, or of a checkpoint that came in the same order: never one
 * that is read when the answer is written, which could be ahead of it.
 */
public final class PollSession implements Connection, Subscriber.Listener {
    /** An answer is given at once when it has grown to so many bytes; the rest comes with the next poll. */
    private static final int FULL = 64 * 1024;

    private final Pushy pushy;
    private final String id;
    private final EventLoop loop;
    private final Done done;
    private final boolean atOnce;
    private final long waitMillis;
    private final int full;
    private final List<byte[]> messages = new ArrayList<>();
    private final List<byte[]> gaps = new ArrayList<>();
    private @Nullable Subscriber subscriber;
    private EventLoop.@Nullable Timer timer;
    private @Nullable String cursor;
    private int bytes;
    private boolean opened;
    private boolean ended;

    /** Gets the answer, once, on the loop. */
    public interface Done {
        /** The answer as JSON, UTF-8. */
        void answer(byte[] json);

        /** The poll is refused. */
        void refuse(Fault fault, String detail);
    }

    private PollSession(Pushy pushy, EventLoop loop, boolean atOnce, long waitMillis, Done done) {
        this.pushy = pushy;
        this.id = pushy.hub().newConnectionId();
        this.loop = loop;
        this.atOnce = atOnce;
        this.waitMillis = waitMillis;
        // The hub writes no more of a replay to a connection that has this much waiting.
        this.full = Math.min(FULL, pushy.limits().backlogBytes() / 4);
        this.done = done;
    }

    /**
     * Begins a poll that has been allowed. On the loop.
     *
     * @param waitMillis how long it may wait for a message; one that begins now is answered at once
     */
    public static PollSession open(
            Pushy pushy, EventLoop loop, Grant grant, StreamRequest request, long waitMillis, Done done) {
        boolean atOnce = request.resume() instanceof Resume.Now;
        PollSession session = new PollSession(pushy, loop, atOnce, waitMillis, done);
        session.begin(grant, request.patterns(), request.resume());
        return session;
    }

    private void begin(Grant grant, Collection<ChannelPattern> patterns, Resume resume) {
        if (resume instanceof Resume.After after) {
            cursor = after.cursor().toString();
        }
        Subscriber connected = pushy.hub().connect(this, grant, this);
        subscriber = connected;
        connected.open(patterns, resume);
    }

    /** The client went away. On the loop. */
    public void gone() {
        end(CloseReason.CLIENT_GONE);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String transport() {
        return "poll";
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public WireFormat format() {
        return NativeFormats.POLL;
    }

    @Override
    public void append(byte[] frame, @Nullable Publication publication) {
        if (ended) {
            return;
        }
        bytes += frame.length;
        switch (frame[0]) {
            case PollFormat.MESSAGE -> {
                int length = cursorLength(frame);
                if (length > 0) {
                    cursor = new String(frame, 3, length, StandardCharsets.US_ASCII);
                }
                messages.add(frame);
            }
            case PollFormat.GAP -> gaps.add(frame);
            default -> cursor = new String(frame, 1, frame.length - 1, StandardCharsets.US_ASCII);
        }
    }

    @Override
    public void flush() {
        if (bytes >= full || (opened && hasContent())) {
            answer();
        }
    }

    private boolean hasContent() {
        return !messages.isEmpty() || !gaps.isEmpty();
    }

    @Override
    public int backlog() {
        return ended ? 0 : bytes;
    }

    @Override
    public void onOpen(@Nullable Cursor position, boolean resumed) {
        opened = true;
        if (position != null) {
            cursor = position.toString();
        }
        if (atOnce || hasContent() || waitMillis <= 0) {
            answer();
        } else if (!ended) {
            timer = loop.schedule(this::timeUp, waitMillis);
        }
    }

    /** The cursor of an empty answer is where the node is now: what passed by needs no second look. */
    private void timeUp() {
        timer = null;
        if (subscriber != null && !ended) {
            subscriber.heartbeat();
        }
        answer();
    }

    private void answer() {
        if (!ended) {
            byte[] json = json();
            end(CloseReason.CLIENT_GONE);
            done.answer(json);
        }
    }

    private byte[] json() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes + 64);
        out.writeBytes(ByteText.ascii(cursor == null ? "{\"cursor\":null" : "{\"cursor\":\"" + cursor + '"'));
        String separator = ",\"messages\":[";
        for (byte[] frame : messages) {
            int begin = 3 + cursorLength(frame);
            out.writeBytes(ByteText.ascii(separator));
            out.write(frame, begin, frame.length - begin);
            separator = ",";
        }
        separator = messages.isEmpty() ? ",\"messages\":[],\"gaps\":[" : "],\"gaps\":[";
        for (byte[] frame : gaps) {
            out.writeBytes(ByteText.ascii(separator));
            out.write(frame, 1, frame.length - 1);
            separator = ",";
        }
        out.writeBytes(ByteText.ascii(gaps.isEmpty() ? separator + "]}" : "]}"));
        return out.toByteArray();
    }

    private static int cursorLength(byte[] frame) {
        return (frame[1] & 0xFF) << 8 | (frame[2] & 0xFF);
    }

    @Override
    public void onChange(ControlMessage.ChangeStream change) {
        // A poll is over before a change of it could matter.
    }

    @Override
    public void onDrain(long reconnectMillis) {
        answer();
    }

    @Override
    public void close(CloseReason reason) {
        if (loop.inEventLoop()) {
            closed(reason);
        } else {
            loop.execute(() -> closed(reason));
        }
    }

    private void closed(CloseReason reason) {
        if (ended) {
            return;
        }
        if (reason.mayReconnect()) {
            answer();
        } else {
            end(reason);
            Farewell farewell = Farewell.of(reason);
            done.refuse(farewell.fault(), farewell.text());
        }
    }

    private void end(CloseReason reason) {
        if (ended) {
            return;
        }
        ended = true;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        // The hub may be in the midst of writing to this connection.
        loop.execute(() -> {
            if (subscriber != null) {
                subscriber.closed(reason);
            }
        });
    }
}
