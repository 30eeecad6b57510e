package dev.pushy.undertow.transport.sockjs;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;

/** Carries an answer from a node to a client, each piece as soon as it comes. Confined to the thread of both. */
final class Pump {
    private static final long PATIENCE_MILLIS = 30_000;

    private final XnioIoThread thread;
    private final StreamSourceChannel from;
    private final StreamSinkChannel to;
    private final ByteBufferPool buffers;
    private final Relay relay;
    private @Nullable PooledByteBuffer rest;
    private XnioExecutor.@Nullable Key deadline;
    private long left;
    private boolean unflushed;
    private boolean last;
    private boolean over;

    Pump(
            XnioIoThread thread,
            StreamSourceChannel from,
            StreamSinkChannel to,
            long length,
            ByteBufferPool buffers,
            Relay relay) {
        this.thread = thread;
        this.from = from;
        this.to = to;
        this.left = length;
        this.buffers = buffers;
        this.relay = relay;
    }

    /** Begins. */
    void run() {
        from.getReadSetter().set(readable -> advance());
        to.getWriteSetter().set(writable -> advance());
        to.getCloseSetter().set(closed -> lost(new IOException("the client is gone")));
        advance();
    }

    private void advance() {
        if (over) {
            from.suspendReads();
            to.suspendWrites();
            return;
        }
        try {
            while (written()) {
                if (last) {
                    end();
                    return;
                }
                if (!read()) {
                    from.resumeReads();
                    return;
                }
            }
            from.suspendReads();
            to.resumeWrites();
            if (deadline == null) {
                deadline = thread.executeAfter(this::stalled, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (IOException e) {
            over = false;
            lost(e);
        }
    }

    /** Whether all that was read has gone to the client. */
    private boolean written() throws IOException {
        if (last) {
            relay.ending();
        }
        over = last; // the end may be told from within: then there is nothing more to lose
        boolean written = write();
        over = false;
        if (written) {
            progress();
            to.suspendWrites();
        }
        return written;
    }

    private boolean write() throws IOException {
        if (rest != null) {
            ByteBuffer bytes = rest.getBuffer();
            while (bytes.hasRemaining()) {
                if (to.write(bytes) == 0) {
                    return false;
                }
                progress();
            }
            free();
            unflushed = true;
        }
        if (last) {
            to.shutdownWrites();
            unflushed = true;
        }
        if (unflushed && !to.flush()) {
            return false;
        }
        unflushed = false;
        return true;
    }

    private void progress() {
        relay.heard();
        if (deadline != null) {
            deadline.remove();
            deadline = null;
        }
    }

    /** The node may have given the session up long ago, but says so behind what the client does not read. */
    private void stalled() {
        lost(new IOException("the client has read nothing for " + PATIENCE_MILLIS + " ms"));
    }

    /** Whether there is something to write, or the end. */
    private boolean read() throws IOException {
        PooledByteBuffer buffer = buffers.allocate();
        int count = 0;
        try {
            count = from.read(buffer.getBuffer());
            left -= count;
            last = count < 0 || left == 0;
            if (last && count > 0) {
                from.read(ByteBuffer.allocate(1)); // only who has seen the end may use the connection again
            }
        } finally {
            if (count > 0) {
                relay.heard();
                buffer.getBuffer().flip();
                rest = buffer;
            } else {
                buffer.close();
            }
        }
        return count != 0 || last;
    }

    private void end() {
        over = true;
        progress();
        from.suspendReads();
        relay.done();
    }

    private void free() {
        if (rest != null) {
            rest.close();
            rest = null;
        }
    }

    private void lost(IOException e) {
        free();
        progress();
        if (!over) {
            over = true;
            relay.failed(e);
        }
    }
}
