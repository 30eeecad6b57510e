package dev.pushy.undertow.transport;

import dev.pushy.core.Burst;
import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.StreamSinkConduit;

/**
 * The writing half of a connection: what waits to be written, its bound, and one write for a flush.
 *
 * <p>One object with the connection and all its listeners. Invariants:
 *
 * <ul>
 *   <li>A frame that has begun is always finished, or the connection ends.
 *   <li>The backlog exceeds its bound only by a frame that found nothing before it, and by the farewell.
 *   <li>{@code blocked}: the socket took less than it was given, write interest is on, and nothing is written until the
 *       socket asks for it. All later frames queue behind.
 *   <li>Frames come only while {@code OPEN}, and the farewell while {@code ENDING}, for which there is no bound.
 *       {@code CLOSING}: the rest is written, within the linger time. The end is told once, in a task of its own.
 * </ul>
 */
abstract sealed class SocketWriter extends PendingFrames implements Connection, ChannelListener<Channel>
        permits SseConnection, WebSocketConnection {
    private static final System.Logger LOG = System.getLogger(SocketWriter.class.getName());

    private static final byte OPEN = 0;
    private static final byte ENDING = 1;
    private static final byte CLOSING = 2;
    private static final byte CLOSED = 3;

    private final StreamSinkConduit sink;
    /** Written bytes may wait inside the conduit (TLS, HTTP/2) and are then sent by a flush only. */
    private final boolean buffered;

    private byte state = OPEN;
    private boolean blocked;
    private boolean outputEnded;

    private final TransportSettings settings;
    private final WireFormat format;
    private final String id;

    SocketWriter(
            String id,
            WireFormat format,
            XnioEventLoop loop,
            StreamSinkConduit sink,
            boolean buffered,
            TransportSettings settings) {
        super(loop);
        this.id = id;
        this.format = format;
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

    /** Some of what waited was written, perhaps all. */
    abstract void onProgress();

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
    public final WireFormat format() {
        return format;
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
        } else if (backlog() == 0
                || backlog() + frame.length <= settings.backlogBytes()
                || makeRoom(frame, publication)) {
            enqueue(frame, publication);
        }
    }

    /** The bound is reached: the socket may take some at once, else the channels' policies decide. */
    private boolean makeRoom(byte[] frame, @Nullable Publication publication) {
        flush();
        int bound = settings.backlogBytes();
        if (state != OPEN || backlog() == 0 || backlog() + frame.length <= bound) {
            return state == OPEN;
        }
        int room = Math.max(0, Math.min(bound - frame.length, bound / 4 * 3));
        int dropped = skip(backlog() - room, format, settings.policies(), publication);
        if (dropped > 0) {
            loop().meter().dropped(dropped);
        }
        if (dropped == Overflow.TOO_MANY || (backlog() > 0 && backlog() + frame.length > bound)) {
            close(CloseReason.SLOW_CONSUMER);
            return false;
        }
        return true;
    }

    @Override
    public final void flush() {
        if (backlog() > 0 && !blocked && state != CLOSED) {
            write();
        }
    }

    /** What the socket takes at once touches no queue: no reference to a young frame is stored in an old connection. */
    @Override
    public final boolean writeNow(Burst burst) {
        if (state != OPEN || blocked || buffered || backlog() > 0 || burst.bytes() > Scratch.CAPACITY) {
            return false;
        }
        try {
            int written = sink.write(loop().scratch().of(burst));
            loop().meter().bytes(written);
            if (written < burst.bytes()) {
                keep(burst, written);
            }
        } catch (IOException e) {
            lost(e);
        } catch (RuntimeException failed) { // the others must not miss the event for it
            LOG.log(Level.ERROR, "a connection failed", failed);
            close(CloseReason.INTERNAL);
        }
        return true;
    }

    /** What the socket did not take waits for it; beyond the bound the channels' policies decide. */
    private void keep(Burst burst, int written) {
        int first = 0;
        int begun = written;
        while (begun >= burst.frame(first).length) {
            begun -= burst.frame(first++).length;
        }
        enqueue(burst.frame(first), burst.publication(first));
        taken(begun);
        block();
        for (int i = first + 1; i < burst.size(); i++) {
            append(burst.frame(i), burst.publication(i));
        }
    }

    private void write() {
        try {
            do {
                ByteBuffer out = lay();
                int length = out.remaining();
                int written = sink.write(out);
                loop().meter().bytes(written);
                taken(written);
                if (written < length && (written == 0 || !buffered)) {
                    block();
                    return;
                }
            } while (backlog() > 0);
            if (buffered && !sink.flush()) {
                block();
            }
        } catch (IOException e) {
            lost(e);
        }
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
        if (backlog() > 0) {
            write();
        } else if (buffered && !sink.flush()) {
            blocked = true;
        }
        if (!blocked && state != CLOSED) {
            sink.suspendWrites();
            if (state == OPEN) {
                onDrained();
            } else {
                onFarewellWritten();
            }
        }
        if (state == OPEN) {
            onProgress();
        }
    }

    @Override
    public final void close(CloseReason reason) {
        if (loop().inEventLoop()) {
            end(reason);
        } else {
            loop().execute(() -> end(reason));
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
        loop().timers().set(this, settings.linger().toMillis());
        flush();
        if (state == CLOSING && !blocked) {
            onFarewellWritten();
        }
    }

    private void tellEnd(CloseReason reason) {
        loop().execute(() -> onEnded(reason));
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
        return backlog() == 0 && !blocked;
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
        loop().timers().cancel(this);
        dropAll();
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
