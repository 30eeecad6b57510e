package dev.pushy.undertow.transport;

import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * Writes a response head of our own in place of Undertow's, then declares the response complete, so that the connection
 * is handed over as after any upgrade.
 */
final class RawResponse extends AbstractStreamSinkConduit<StreamSinkConduit> {
    private final HttpServerExchange exchange;
    private final ByteBuffer head;
    private boolean ended;
    private boolean told;

    RawResponse(StreamSinkConduit socket, HttpServerExchange exchange, byte[] head) {
        super(socket);
        this.exchange = exchange;
        this.head = ByteBuffer.wrap(head);
    }

    @Override
    public void terminateWrites() {
        ended = true;
    }

    @Override
    public void truncateWrites() throws IOException {
        ended = true;
        next.truncateWrites();
    }

    @Override
    public boolean flush() throws IOException {
        while (head.hasRemaining()) {
            if (next.write(head) == 0) {
                return false;
            }
        }
        if (!next.flush()) {
            return false;
        }
        if (ended && !told) {
            told = true;
            Connectors.terminateResponse(exchange);
        }
        return true;
    }

    @Override
    public boolean isWriteShutdown() {
        return ended;
    }
}
