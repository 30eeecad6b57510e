package dev.pushy.undertow.transport.sockjs;

import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

/**
 * Reads the body of one request as it comes, within a limit and a time. What is too large is answered with 413; a client
 * that is too slow loses its connection. On the IO thread of the exchange.
 */
final class RequestBody implements ChannelListener<StreamSourceChannel> {
    private static final long PATIENCE_MILLIS = 15_000;
    private static final int PIECE = 8 * 1024;

    private final HttpServerExchange exchange;
    private final int limit;
    private final Consumer<byte[]> then;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private XnioExecutor.@Nullable Key deadline;

    private RequestBody(HttpServerExchange exchange, int limit, Consumer<byte[]> then) {
        this.exchange = exchange;
        this.limit = limit;
        this.then = then;
    }

    /** Goes on with the body once it has come, in full. */
    static void read(HttpServerExchange exchange, int limit, Consumer<byte[]> then) {
        if (exchange.isRequestComplete()) {
            then.accept(new byte[0]);
        } else {
            new RequestBody(exchange, limit, then).begin();
        }
    }

    private void begin() {
        if (exchange.getRequestContentLength() > limit) {
            tooLarge();
            return;
        }
        deadline = exchange.getIoThread().executeAfter(this::lost, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
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
        StreamSourceChannel channel = exchange.getRequestChannel();
        if (channel == null) {
            throw new IllegalStateException("the body was taken by another handler");
        }
        handleEvent(channel);
    }

    @Override
    public void handleEvent(StreamSourceChannel channel) {
        byte[] piece = new byte[PIECE];
        try {
            for (int length = read(channel, piece); length != 0; length = read(channel, piece)) {
                if (length < 0) {
                    end(channel);
                    then.accept(bytes.toByteArray());
                    return;
                }
                if (bytes.size() + length > limit) {
                    end(channel);
                    tooLarge();
                    return;
                }
                bytes.write(piece, 0, length);
            }
            channel.getReadSetter().set(this);
            channel.resumeReads();
        } catch (IOException e) {
            lost();
        }
    }

    private static int read(StreamSourceChannel channel, byte[] piece) throws IOException {
        return channel.read(ByteBuffer.wrap(piece));
    }

    private void end(StreamSourceChannel channel) {
        forgetDeadline();
        channel.getReadSetter().set(null);
        channel.suspendReads();
    }

    private void forgetDeadline() {
        if (deadline != null) {
            deadline.remove();
        }
    }

    private void tooLarge() {
        Replies.text(
                exchange, 413, "The body has more than " + limit + " bytes, which is the limit: send less at once.");
    }

    private void lost() {
        forgetDeadline();
        IoUtils.safeClose(exchange.getConnection());
        exchange.endExchange();
    }
}
