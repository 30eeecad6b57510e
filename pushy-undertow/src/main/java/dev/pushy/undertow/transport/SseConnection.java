package dev.pushy.undertow.transport;

import dev.pushy.core.CloseReason;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.StreamSession;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.StreamSinkConduit;

/**
 * One SSE stream, over a raw HTTP/1.1 connection or a stream of HTTP/2. What the client sends is read and thrown away,
 * so that its end is noticed at once.
 */
final class SseConnection extends SocketWriter {
    private static final int RETRY_FROM_MILLIS = 2_000;
    private static final int RETRY_TO_MILLIS = 5_000;
    /** A client of a stream has nothing to say; one that says more than this is cut off. */
    private static final int MAX_INPUT = 64 * 1024;

    private final @Nullable StreamSourceChannel source;
    private final Closeable socket;
    private @Nullable StreamSession session;
    private int beatsLeft;
    private int input;

    /**
     * Makes a connection that is not yet served.
     *
     * @param source where the end of the client shows; null where the stream's own end is told otherwise
     * @param socket what to close in the end
     */
    SseConnection(
            String id,
            WireFormat format,
            XnioEventLoop loop,
            StreamSinkConduit sink,
            boolean buffered,
            TransportSettings settings,
            @Nullable StreamSourceChannel source,
            Closeable socket) {
        super(id, format, loop, sink, buffered, settings);
        this.source = source;
        this.socket = socket;
    }

    @Override
    public String transport() {
        return "sse";
    }

    /** Says the first words, sets the timer and gives the connection to its session. */
    void start(SseHandler.Opener opener) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int retry = random.nextInt(RETRY_FROM_MILLIS, RETRY_TO_MILLIS + 1);
        append((":\nretry: " + retry + "\n\n").getBytes(StandardCharsets.US_ASCII), null);
        flush();
        if (isClosed()) {
            // The client went while it asked; a timer would only keep what is left of it.
            return;
        }
        long beat = settings().heartbeat().toMillis();
        double age = settings().maxAge().toMillis() * random.nextDouble(0.9, 1.1);
        beatsLeft = (int) Math.max(1, Math.min(Integer.MAX_VALUE, age / beat));
        loop().timers().set(this, random.nextLong(beat / 2, beat + 1));
        session = opener.open(this);
    }

    @Override
    void onBeat() {
        loop().timers().set(this, settings().heartbeat().toMillis());
        if (--beatsLeft < 0) {
            close(CloseReason.MAX_AGE);
        } else if (session != null) {
            session.onHeartbeat();
        }
    }

    @Override
    void onReadable() throws IOException {
        StreamSourceChannel from = source;
        if (from == null) {
            return;
        }
        ByteBuffer in = loop().input();
        int length = from.read(in);
        if (length < 0) {
            gone();
        } else {
            input += length;
            if (input > MAX_INPUT) {
                gone(CloseReason.BAD_REQUEST);
            }
        }
    }

    @Override
    void farewell(CloseReason reason) {
        if (session != null) {
            session.onClosing(reason);
        }
    }

    @Override
    void onDrained() {
        if (session != null) {
            session.onDrained();
        }
    }

    @Override
    void onProgress() {}

    @Override
    void onFarewellWritten() {
        endOutput();
    }

    @Override
    void onEnded(CloseReason reason) {
        if (session != null) {
            session.onClosed(reason);
        }
    }

    @Override
    void destroy() {
        IoUtils.safeClose(socket);
    }
}
