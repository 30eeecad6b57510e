package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.transport.WriteMeter;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;

/**
 * The response to one receive request: frame by frame, each in a chunk of its own, or the only one with its length. Confined
 * to the IO thread of the exchange, as are the calls of the listener.
 *
 * <p>One frame should be given at a time: the next one when the listener was told, or when {@link #write} has answered that
 * it need not be. After the last one, or once the client is gone, nothing more is said.
 */
final class Response implements ChannelListener<StreamSinkChannel> {
    private static final System.Logger LOG = System.getLogger(Response.class.getName());

    /** What becomes of the response. */
    interface Listener {
        /** The frame that did not go at once has been written. */
        void onWritten();

        /** The client went away before the last frame was written. */
        void onGone();
    }

    private final HttpServerExchange exchange;
    private final Listener listener;
    private final WriteMeter meter;
    private final long lingerMillis;
    private final @Nullable ClientWatch watch;
    private @Nullable StreamSinkChannel channel;
    private @Nullable ByteBuffer rest;
    private boolean last;
    private boolean over;

    /**
     * Begins to wait for frames, or for the end of the client.
     *
     * @param lingerMillis how long the client may take to read the last frame
     */
    Response(HttpServerExchange exchange, Listener listener, WriteMeter meter, long lingerMillis) {
        this.exchange = exchange;
        this.listener = listener;
        this.meter = meter;
        this.lingerMillis = lingerMillis;
        this.watch = ClientWatch.start(exchange, this::lost);
        exchange.addExchangeCompleteListener((completed, next) -> {
            next.proceed();
            lost();
        });
    }

    /**
     * Writes a frame.
     *
     * @param frame what is not written at once is copied
     * @param ends whether it is the last one
     * @return whether it was written; if not, the listener is told later
     */
    boolean write(ByteBuffer frame, boolean ends) {
        if (over) {
            return false;
        }
        last = ends;
        if (rest != null) {
            rest = ByteBuffer.allocate(rest.remaining() + frame.remaining())
                    .put(rest)
                    .put(frame)
                    .flip();
            return false;
        }
        try {
            StreamSinkChannel to = channel != null ? channel : open(frame.remaining());
            if (ends && watch != null) {
                watch.stop();
            }
            if (advance(to, frame)) {
                return true;
            }
            rest = ByteBuffer.allocate(frame.remaining()).put(frame).flip();
            to.resumeWrites();
            if (ends) {
                exchange.getIoThread().executeAfter(this::lost, Math.max(1, lingerMillis), TimeUnit.MILLISECONDS);
            }
        } catch (IOException e) {
            lost(e);
        }
        return false;
    }

    private StreamSinkChannel open(int length) {
        if (last) {
            exchange.getResponseHeaders().put(Headers.CONTENT_LENGTH, length);
        }
        StreamSinkChannel opened = exchange.getResponseChannel();
        opened.getWriteSetter().set(this);
        opened.getCloseSetter().set(closed -> lost());
        channel = opened;
        return opened;
    }

    /** Returns whether all was written. */
    private boolean advance(StreamSinkChannel to, ByteBuffer frame) throws IOException {
        while (frame.hasRemaining()) {
            int written = to.write(frame);
            meter.bytes(written);
            if (written == 0) {
                return false;
            }
        }
        if (last) {
            // The end may be told from within: then there is nothing more to lose.
            over = true;
            to.shutdownWrites();
            if (!to.flush()) {
                over = false;
                return false;
            }
            exchange.endExchange();
            return true;
        }
        return to.flush();
    }

    @Override
    public void handleEvent(StreamSinkChannel writable) {
        ByteBuffer frame = rest;
        if (over || frame == null) {
            writable.suspendWrites();
            return;
        }
        try {
            if (advance(writable, frame)) {
                rest = null;
                if (!last) {
                    writable.suspendWrites();
                }
                listener.onWritten();
            }
        } catch (IOException e) {
            lost(e);
        }
    }

    private void lost(IOException e) {
        LOG.log(Level.DEBUG, "a response is lost", e);
        over = false;
        lost();
    }

    /** Ends the response wherever it is; nothing happens if it has ended. */
    void lost() {
        if (over) {
            return;
        }
        over = true;
        rest = null;
        if (watch != null) {
            watch.stop();
        }
        IoUtils.safeClose(channel);
        if (!exchange.isComplete()) {
            if (exchange.getConnection().getTransportProtocol().startsWith("http/1")) {
                IoUtils.safeClose(exchange.getConnection());
            }
            exchange.endExchange();
        }
        listener.onGone();
    }
}
