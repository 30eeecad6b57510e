package dev.pushy.undertow.http;

import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

/**
 * Reads the body of one request as it comes, without a thread that waits for it: within a limit, of which a stated length
 * is checked before a byte is read, and within a time. On the IO thread of the exchange.
 */
public final class RequestBody implements ChannelListener<StreamSourceChannel> {
    private static final int FIRST = 1_024;
    /** A refused body that is longer is not read: the connection ends with the answer. */
    private static final int MOST_DISCARDED = 1 << 20;

    private final HttpServerExchange exchange;
    private final int limit;
    private final Reader reader;
    private byte[] bytes;
    private int length;
    private XnioExecutor.@Nullable Key deadline;
    private boolean done;

    /**
     * Is told what comes of a body: one of these once, on the IO thread of the exchange, or nothing if the client goes away.
     * It answers the exchange.
     */
    public interface Reader {
        /** The body in full. */
        void onBody(byte[] body);

        /** There is more than the limit allows; {@code size} says how much, as far as that is known. */
        void onTooLarge(String size);

        /** It did not come in time. */
        void onLate();
    }

    private RequestBody(HttpServerExchange exchange, int limit, Reader reader) {
        this.exchange = exchange;
        this.limit = limit;
        this.reader = reader;
        long stated = exchange.getRequestContentLength();
        // One byte more than was stated, so that it shows whether the body ends there.
        this.bytes = new byte[stated < 0 ? FIRST : (int) Math.min(stated, limit) + 1];
    }

    /**
     * Begins to read.
     *
     * @param limit the most bytes that the body may have
     * @param patience how long the client may take to send it
     * @throws IllegalStateException if another handler has taken the body
     */
    public static void read(HttpServerExchange exchange, int limit, Duration patience, Reader reader) {
        if (exchange.isRequestComplete()) {
            reader.onBody(new byte[0]);
            return;
        }
        if (!exchange.isRequestChannelAvailable()) {
            throw new IllegalStateException("the body was taken by another handler");
        }
        long stated = exchange.getRequestContentLength();
        if (stated > limit) {
            // Else it is read to its end: who still sends when the connection is closed would not get to read the
            // answer.
            if (stated > MOST_DISCARDED) {
                exchange.setPersistent(false);
            }
            reader.onTooLarge(stated + " bytes");
        } else {
            new RequestBody(exchange, limit, reader).begin(patience);
        }
    }

    private void begin(Duration patience) {
        deadline = exchange.getIoThread().executeAfter(this::late, patience.toMillis(), TimeUnit.MILLISECONDS);
        if (!HttpContinue.requiresContinueResponse(exchange)) {
            start();
            return;
        }
        HttpContinue.sendContinueResponse(exchange, new IoCallback() {
            @Override
            public void onComplete(HttpServerExchange continued, Sender sender) {
                exchange.getIoThread().execute(RequestBody.this::start);
            }

            @Override
            public void onException(HttpServerExchange failed, Sender sender, IOException e) {
                lost();
            }
        });
    }

    private void start() {
        handleEvent(exchange.getRequestChannel());
    }

    @Override
    public void handleEvent(StreamSourceChannel channel) {
        try {
            while (!done) {
                int read = channel.read(ByteBuffer.wrap(bytes, length, bytes.length - length));
                if (read == 0 && length < bytes.length) {
                    channel.getReadSetter().set(this);
                    channel.resumeReads();
                    return;
                }
                if (read < 0) {
                    stop(channel);
                    reader.onBody(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
                    return;
                }
                length += read;
                if (length == bytes.length) {
                    grow(channel);
                }
            }
        } catch (IOException e) {
            lost();
        }
    }

    /** Makes room, one byte more than the limit, so that a body that ends at the limit shows its end. */
    private void grow(StreamSourceChannel channel) {
        if (length > limit) {
            stop(channel);
            exchange.setPersistent(false);
            reader.onTooLarge("more than " + limit + " bytes");
        } else {
            bytes = Arrays.copyOf(bytes, (int) Math.min((long) limit + 1, 2L * length));
        }
    }

    private void late() {
        if (!done) {
            done = true;
            exchange.setPersistent(false);
            reader.onLate();
        }
    }

    private void lost() {
        end();
        IoUtils.safeClose(exchange.getConnection());
        exchange.endExchange();
    }

    private void stop(StreamSourceChannel channel) {
        end();
        channel.getReadSetter().set(null);
        channel.suspendReads();
    }

    private void end() {
        done = true;
        if (deadline != null) {
            deadline.remove();
        }
    }
}
