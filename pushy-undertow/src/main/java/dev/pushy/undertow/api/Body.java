package dev.pushy.undertow.api;

import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

/**
 * Reads the body of one request as it comes, without a thread that waits for it: within a limit, of which a stated length
 * is checked before a byte is read, and within a time.
 */
final class Body implements ChannelListener<StreamSourceChannel> {
    private static final int FIRST = 1_024;
    /** A refused body that is longer is not read: the connection ends with the answer. */
    private static final int MOST_DISCARDED = 1 << 20;

    private final Call call;
    private final HttpServerExchange exchange;
    private final int limit;
    private final Consumer<byte[]> then;
    private byte[] bytes;
    private int length;
    private XnioExecutor.@Nullable Key deadline;
    private boolean done;

    private Body(Call call, int limit, Consumer<byte[]> then) {
        this.call = call;
        this.exchange = call.exchange();
        this.limit = limit;
        this.then = then;
        long stated = exchange.getRequestContentLength();
        // One byte more than was stated, so that it shows whether the body ends there.
        this.bytes = new byte[stated < 0 ? FIRST : (int) Math.min(stated, limit) + 1];
    }

    static void read(Call call, int limit, Consumer<byte[]> then) {
        HttpServerExchange exchange = call.exchange();
        requireIdentity(exchange);
        long stated = exchange.getRequestContentLength();
        if (stated > limit) {
            if (stated > MOST_DISCARDED) {
                exchange.setPersistent(false);
            } else {
                discardInTime(call);
            }
            throw tooLarge(stated + " bytes", limit);
        }
        new Body(call, limit, then).begin();
    }

    /**
     * The server reads what it refuses to its end: a client that still sends when its connection is closed would not get to
     * read the answer. It does not wait for ever.
     */
    private static void discardInTime(Call call) {
        HttpServerExchange exchange = call.exchange();
        XnioExecutor.Key late = exchange.getIoThread()
                .executeAfter(
                        () -> IoUtils.safeClose(exchange.getConnection()),
                        call.settings().bodyTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        exchange.addExchangeCompleteListener((completed, next) -> {
            late.remove();
            next.proceed();
        });
    }

    /** Checks that the body is said to be JSON. */
    static void requireJson(HttpServerExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        String charset = type == null ? null : Headers.extractQuotedValueFromHeader(type, "charset");
        boolean utf8 = charset == null || charset.equalsIgnoreCase("utf-8");
        if (!utf8 || !(media.equals("application/json") || media.endsWith("+json"))) {
            throw new RequestException(
                    Fault.UNSUPPORTED_MEDIA_TYPE,
                    "the body is said to be \"" + Excerpt.of(type == null ? "nothing" : type)
                            + "\": send JSON in UTF-8 with Content-Type: application/json");
        }
    }

    private static void requireIdentity(HttpServerExchange exchange) {
        String encoding = exchange.getRequestHeaders().getFirst(Headers.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new RequestException(
                    Fault.UNSUPPORTED_MEDIA_TYPE,
                    "the body is encoded as \"" + Excerpt.of(encoding) + "\": send it as it is");
        }
    }

    private static RequestException tooLarge(String size, int limit) {
        return new RequestException(
                Fault.TOO_LARGE, "the body has " + size + ", the limit here is " + limit + ": send less at once");
    }

    private void begin() {
        long millis = call.settings().bodyTimeout().toMillis();
        deadline = exchange.getIoThread().executeAfter(this::late, millis, TimeUnit.MILLISECONDS);
        if (!HttpContinue.requiresContinueResponse(exchange)) {
            start();
            return;
        }
        HttpContinue.sendContinueResponse(exchange, new IoCallback() {
            @Override
            public void onComplete(HttpServerExchange continued, Sender sender) {
                exchange.getIoThread().execute(() -> call.step(Body.this::start));
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
        try {
            while (!done) {
                int read = channel.read(ByteBuffer.wrap(bytes, length, bytes.length - length));
                if (read == 0 && length < bytes.length) {
                    channel.getReadSetter().set(this);
                    channel.resumeReads();
                    return;
                }
                if (read < 0) {
                    finish(channel);
                    return;
                }
                length += read;
                if (length == bytes.length && !grow(channel)) {
                    return;
                }
            }
        } catch (IOException e) {
            lost();
        }
    }

    /** Makes room, one byte more than the limit, so that a body that ends at the limit shows its end. */
    private boolean grow(StreamSourceChannel channel) {
        if (length > limit) {
            stop(channel);
            exchange.setPersistent(false);
            call.fail(tooLarge("more than " + limit + " bytes", limit));
            return false;
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min((long) limit + 1, 2L * length));
        return true;
    }

    private void finish(StreamSourceChannel channel) {
        stop(channel);
        then.accept(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
    }

    private void late() {
        if (!done) {
            done = true;
            exchange.setPersistent(false);
            call.fail(new RequestException(
                    Fault.TIMEOUT,
                    "the body did not come within "
                            + call.settings().bodyTimeout().toMillis() + " ms: send it faster, or less of it"));
        }
    }

    private void lost() {
        done = true;
        if (deadline != null) {
            deadline.remove();
        }
        IoUtils.safeClose(exchange.getConnection());
    }

    private void stop(StreamSourceChannel channel) {
        done = true;
        if (deadline != null) {
            deadline.remove();
        }
        channel.getReadSetter().set(null);
        channel.suspendReads();
    }
}
