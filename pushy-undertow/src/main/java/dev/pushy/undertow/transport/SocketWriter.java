package dev.pushy.undertow.transport;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.StreamSinkConduit;

/**
 * The writing half of a connection: what waits to be written, its bound, and one write for a flush.
 *
 * <p>The hot state stands here, in one object with the connection and all its listeners, and an idle connection has no
 * buffer and no list. Invariants:
 *
 * <ul>
 *   <li>At most one of {@code only} and {@code list} holds frames. {@code offset} bytes of the oldest are gone; a frame
 *       that has begun is always finished or the connection ends.
 *   <li>{@code backlog} is what they hold together less the offset. It exceeds the bound only by a frame that found
 *       nothing before it, and by the farewell.
 *   <li>{@code blocked}: the socket took less than it was given, write interest is on, and nothing is written until the
 *       socket asks for it. All later frames queue behind.
 *   <li>Frames come only while {@code OPEN}, and the farewell while {@code ENDING}, for which there is no bound.
 *       {@code CLOSING}: the rest is written, within the linger time. The end is told once, in a task of its own.
 * </ul>
 */
abstract sealed class SocketWriter extends TimerWheel.Entry implements Connection, ChannelListener<Channel>
        permits SseConnection, WebSocketConnection {
    private static final System.Logger LOG = System.getLogger(SocketWriter.class.getName());

    private static final byte OPEN = 0;
    private static final byte ENDING = 1;
    private static final byte CLOSING = 2;
    private static final byte CLOSED = 3;

    private final XnioEventLoop loop;
    private final StreamSinkConduit sink;
    /** Written bytes may wait inside the conduit (TLS, HTTP/2) and are then sent by a flush only. */
    private final boolean buffered;

    private byte state = OPEN;
    private boolean blocked;
    private boolean outputEnded;
    private byte @Nullable [] only;
    private @Nullable Publication onlyPublication;
    private @Nullable Backlog list;
    private int offset;
    private int backlog;

    private final TransportSettings settings;
    private final WireFormat format;
    private final String id;
    private @Nullable Overflow overflow;

    SocketWriter(
            String id,
            WireFormat format,
            XnioEventLoop loop,
            StreamSinkConduit sink,
            boolean buffered,
            TransportSettings settings) {
        this.id = id;
        this.format = format;
        this.loop = loop;
        this.sink = sink;
        this.buffered = buffered;
        this.settings = settings;
    }

    /** Reads what the client sent. */
    abstract void onReadable() throws IOException;

    /** The last chance to append: tells the client why. */
    abstract void farewell(CloseReason reason);

    /** The timer that the connection set while open. */
    abstract void onBeat();

    /** All that waited was written while open. */
    abstract void onDrained();

    /** All was written while closing: ends the output, or waits for the peer's part of the farewell. */
    abstract void onFarewellWritten();

    /** Tells the session that the connection ends. Once. */
    abstract void onEnded(CloseReason reason);

    /** Closes the socket or the stream at once. Idempotent. */
    abstract void destroy();

    @Override
    public final String id() {
        return id;
    }

    @Override
    public final XnioEventLoop loop() {
        return loop;
    }

    @Override
    public final WireFormat format() {
        return format;
    }

    @Override
    public final int backlog() {
        return backlog;
    }

    final TransportSettings settings() {
        return settings;
    }

    final boolean isOpen() {
        return state == OPEN;
    }

    final boolean isClosed() {
        return state == CLOSED;
    }

    @Override
    public final void append(byte[] frame, @Nullable Publication publication) {
        if (state != OPEN) {
            if (state == ENDING) {
                enqueue(frame, null);
            }
        } else if (backlog == 0 || backlog + frame.length <= settings.backlogBytes() || makeRoom(frame, publication)) {
            enqueue(frame, publication);
        }
    }

    private void enqueue(byte[] frame, @Nullable Publication publication) {
        if (list != null) {
            list.add(frame, publication);
        } else if (only == null) {
            only = frame;
            onlyPublication = publication;
        } else {
            toList().add(frame, publication);
        }
        backlog += frame.length;
    }

    private Backlog toList() {
        Backlog several = list;
        if (several == null) {
            several = loop.takeBacklog();
            list = several;
            if (only != null) {
                several.add(only, onlyPublication);
                only = null;
                onlyPublication = null;
            }
        }
        return several;
    }

    /** The bound is reached: the socket may take some at once, else the channels' policies decide. */
    private boolean makeRoom(byte[] frame, @Nullable Publication publication) {
        flush();
        if (state != OPEN || backlog == 0 || backlog + frame.length <= settings.backlogBytes()) {
            return state == OPEN;
        }
        if (overflow == null) {
            overflow = new Overflow(format, settings.policies());
        }
        Backlog several = toList();
        int room = Math.max(0, Math.min(settings.backlogBytes() - frame.length, settings.backlogBytes() / 4 * 3));
        int dropped = overflow.skip(several, offset > 0 ? 1 : 0, backlog - room, publication);
        if (dropped > 0) {
            loop.meter().dropped(dropped);
            backlog = bytes(several) - offset;
        }
        if (dropped == Overflow.TOO_MANY || (backlog > 0 && backlog + frame.length > settings.backlogBytes())) {
            close(CloseReason.SLOW_CONSUMER);
            return false;
        }
        return true;
    }

    private static int bytes(Backlog frames) {
        int sum = 0;
        for (int i = 0; i < frames.size(); i++) {
            sum += frames.frame(i).length;
        }
        return sum;
    }

    @Override
    public final void flush() {
        if (backlog > 0 && !blocked && state != CLOSED) {
            write();
        }
    }

    private void write() {
        try {
            do {
                ByteBuffer out = lay();
                int length = out.remaining();
                int written = sink.write(out);
                taken(written);
                if (written < length && (written == 0 || !buffered)) {
                    block();
                    return;
                }
            } while (backlog > 0);
            if (buffered && !sink.flush()) {
                block();
            }
        } catch (IOException e) {
            lost(e);
        }
    }

    private ByteBuffer lay() {
        Backlog several = list;
        if (several == null) {
            return loop.scratch().of(Objects.requireNonNull(only), offset);
        }
        return offset > 0
                ? loop.scratch().of(several.frame(0), offset)
                : loop.scratch().of(several);
    }

    private void taken(int written) {
        loop.meter().bytes(written);
        backlog -= written;
        if (backlog == 0) {
            only = null;
            onlyPublication = null;
            offset = 0;
            if (list != null) {
                list.truncate(0);
                loop.giveBack(list);
                list = null;
            }
            return;
        }
        int rest = offset + written;
        if (list != null) {
            while (rest > 0 && rest >= list.frame(0).length) {
                rest -= list.frame(0).length;
                list.removeFirst();
            }
        }
        offset = rest;
    }

    private void block() {
        blocked = true;
        sink.resumeWrites();
    }

    @Override
    public final void handleEvent(Channel channel) {
        try {
            if (channel instanceof StreamSinkChannel) {
                onWritable();
            } else if (channel instanceof StreamSourceChannel) {
                if (state != CLOSED) {
                    onReadable();
                }
            } else {
                gone();
            }
        } catch (IOException e) {
            lost(e);
        } catch (Throwable t) {
            // XNIO would swallow it.
            LOG.log(Level.ERROR, "a connection failed", t);
            close(CloseReason.INTERNAL);
        }
    }

    private void onWritable() throws IOException {
        if (state == CLOSED) {
            return;
        }
        blocked = false;
        if (backlog > 0) {
            write();
        } else if (buffered && !sink.flush()) {
            blocked = true;
        }
        if (blocked || state == CLOSED) {
            return;
        }
        sink.suspendWrites();
        if (state == OPEN) {
            onDrained();
        } else {
            onFarewellWritten();
        }
    }

    @Override
    public final void close(CloseReason reason) {
        if (loop.inEventLoop()) {
            end(reason);
        } else {
            loop.execute(() -> end(reason));
        }
    }

    private void end(CloseReason reason) {
        if (state != OPEN) {
            return;
        }
        if (reason == CloseReason.SLOW_CONSUMER) {
            dropUnbegun();
        }
        state = ENDING;
        farewell(reason);
        if (isClosed()) {
            return;
        }
        state = CLOSING;
        tellEnd(reason);
        loop.timers().set(this, settings.linger().toMillis());
        flush();
        if (state == CLOSING && !blocked) {
            onFarewellWritten();
        }
    }

    /** The client will not get them any more; what has begun must be finished so that the farewell can be read. */
    private void dropUnbegun() {
        int keep = offset > 0 ? 1 : 0;
        Backlog several = toList();
        several.truncate(keep);
        backlog = bytes(several) - offset;
        if (keep == 0) {
            loop.giveBack(several);
            list = null;
        }
    }

    private void tellEnd(CloseReason reason) {
        loop.execute(() -> onEnded(reason));
    }

    /** The time for a heartbeat, or for closing. */
    @Override
    final void onTime() {
        if (state == OPEN) {
            onBeat();
        } else {
            gone();
        }
    }

    /** Sends the end of the output behind what was written; the peer's end or the linger time closes the socket. */
    final void endOutput() {
        try {
            if (!outputEnded) {
                outputEnded = true;
                sink.terminateWrites();
            }
            if (!sink.flush()) {
                block();
            }
        } catch (IOException e) {
            lost(e);
        }
    }

    /** Whether nothing waits to be written. */
    final boolean isDrained() {
        return backlog == 0 && !blocked;
    }

    /** The client is not there any more, or nothing more is to be said to it. */
    final void gone() {
        gone(CloseReason.CLIENT_GONE);
    }

    /** Ends the connection without a farewell; the reason counts if no other was given before. */
    final void gone(CloseReason reason) {
        if (state == CLOSED) {
            return;
        }
        boolean told = state == CLOSING;
        state = CLOSED;
        blocked = true;
        loop.timers().cancel(this);
        only = null;
        onlyPublication = null;
        if (list != null) {
            list.truncate(0);
            loop.giveBack(list);
            list = null;
        }
        backlog = 0;
        offset = 0;
        overflow = null;
        destroy();
        if (!told) {
            tellEnd(reason);
        }
    }

    /** A read or write failed: the usual end of a client that vanished. */
    final void lost(IOException e) {
        LOG.log(Level.DEBUG, "connection " + id + " is lost", e);
        gone();
    }
}
