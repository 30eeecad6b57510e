package dev.pushy.undertow.transport.sockjs;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Notices that the client of an exchange over HTTP/1 goes away while its answer is waited for; Undertow itself would see it
 * only when it writes. Confined to the IO thread of the exchange.
 *
 * <p>Whatever the client sends meanwhile is its next request: that is given back to Undertow, and the watch is over.
 */
final class ClientWatch implements ChannelListener<ConduitStreamSourceChannel> {
    private final HttpServerConnection connection;
    private final Runnable onGone;
    private @Nullable ChannelListener<? super ConduitStreamSourceChannel> before;
    private boolean stopped;

    private ClientWatch(HttpServerConnection connection, Runnable onGone) {
        this.connection = connection;
        this.onGone = onGone;
    }

    /** Begins to watch; null where the server tells the end of a client itself. The request must have been read. */
    static @Nullable ClientWatch start(HttpServerExchange exchange, Runnable onGone) {
        if (!(exchange.getConnection() instanceof HttpServerConnection connection)
                || connection.getExtraBytes() != null) {
            return null;
        }
        ClientWatch watch = new ClientWatch(connection, onGone);
        ConduitStreamSourceChannel source = connection.getChannel().getSourceChannel();
        watch.before = source.getReadListener();
        source.setReadListener(watch);
        source.wakeupReads();
        return watch;
    }

    @Override
    public void handleEvent(ConduitStreamSourceChannel source) {
        if (stopped) {
            return;
        }
        PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
        boolean kept = false;
        try {
            int read = connection.getOriginalSourceConduit().read(pooled.getBuffer());
            if (read > 0) {
                stop();
                pooled.getBuffer().flip();
                connection.ungetRequestBytes(pooled);
                kept = true;
            } else if (read < 0) {
                stop();
                onGone.run();
            }
        } catch (IOException e) {
            stop();
            onGone.run();
        } finally {
            if (!kept) {
                pooled.close();
            }
        }
    }

    /** Gives the connection back to Undertow. Idempotent. */
    void stop() {
        if (!stopped) {
            stopped = true;
            ConduitStreamSourceChannel source = connection.getChannel().getSourceChannel();
            source.suspendReads();
            source.setReadListener(before);
        }
    }
}
