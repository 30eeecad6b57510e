package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.EventLoop;
import io.undertow.server.HttpServerExchange;
import java.nio.ByteBuffer;
import org.xnio.XnioIoThread;

/**
 * A receive request of a session, seen from the loop of the session: takes one frame at a time. Its exchange may belong to
 * another IO thread; then frames go there and what became of them comes back, in order.
 */
final class Receiver implements Response.Listener {
    private final XnioIoThread thread;
    private final EventLoop loop;
    private final Delivery delivery;
    private final Response response;
    private final Envelope envelope;
    private final int limit;
    private long sent;
    private boolean ready = true;
    private boolean last;
    private boolean gone;

    /**
     * Makes a receiver. On the IO thread of the exchange, whose request has been read.
     *
     * @param limit after so many bytes the response ends; with 1 it is a poll
     */
    Receiver(HttpServerExchange exchange, SockJsSession session, Envelope envelope, int limit) {
        this.thread = exchange.getIoThread();
        this.loop = session.loop();
        this.delivery = session.delivery();
        this.envelope = envelope;
        this.limit = limit;
        this.response = new Response(
                exchange, this, session.endpoint().meter(), session.endpoint().lingerMillis());
    }

    /** Writes what must come before all frames, in full. On the IO thread of the exchange. */
    void begin(byte[] prelude) {
        if (prelude.length > 0) {
            ready = response.write(ByteBuffer.wrap(prelude), false);
        }
    }

    Envelope envelope() {
        return envelope;
    }

    /** Whether its response ends with the next frame, whatever that is. */
    boolean isPoll() {
        return limit == 1;
    }

    /** Whether it has ended before its last frame was written; it may have so before it was attached. */
    boolean isGone() {
        return gone;
    }

    /** Whether a frame may be sent now. */
    boolean isReady() {
        return ready && !last;
    }

    /** Whether the response ends with the frame that was sent. */
    boolean isLast() {
        return last;
    }

    /**
     * Sends a frame.
     *
     * @param frame in its envelope; copied if it is needed for longer
     * @param ends whether the response ends with it, whatever its limit
     * @return whether it was written; if not, the session is told later
     */
    boolean send(ByteBuffer frame, boolean ends) {
        sent += frame.remaining();
        last = ends || sent >= limit;
        ready = false;
        if (Thread.currentThread() == thread) {
            ready = response.write(frame, last);
            return ready;
        }
        ByteBuffer copy = ByteBuffer.allocate(frame.remaining()).put(frame).flip();
        boolean end = last;
        thread.execute(() -> {
            if (response.write(copy, end)) {
                onWritten();
            }
        });
        return false;
    }

    /** Ends the response where it is. The session is told that it is gone, unless it was written to its end before. */
    void cancel() {
        thread.execute(response::lost);
    }

    @Override
    public void onWritten() {
        loop.execute(() -> {
            ready = true;
            delivery.written(this);
        });
    }

    @Override
    public void onGone() {
        loop.execute(() -> {
            gone = true;
            delivery.gone(this);
        });
    }
}
