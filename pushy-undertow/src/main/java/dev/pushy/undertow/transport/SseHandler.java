package dev.pushy.undertow.transport;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.StreamSession;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.Closeable;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.StreamSinkChannelWrappingConduit;
import org.xnio.ssl.SslConnection;

/**
 * Turns exchanges into SSE streams: over HTTP/1.1 on the raw connection, with a response head of our own and a body that
 * ends with the connection; over HTTP/2 on the stream of the exchange. Thread-safe.
 *
 * <p>Headers that stand in the exchange's response, such as those of CORS, are sent along.
 */
public final class SseHandler {
    private static final System.Logger LOG = System.getLogger(SseHandler.class.getName());
    private static final HttpString ACCEL_BUFFERING = new HttpString("X-Accel-Buffering");
    private static final String CONTENT_TYPE = "text/event-stream; charset=utf-8";
    private static final String CACHE_CONTROL = "no-cache, no-transform";
    /** What our own head says, or what makes no sense with a body that ends with the connection. */
    private static final Set<HttpString> OWN = Set.of(
            Headers.CONNECTION,
            Headers.UPGRADE,
            Headers.CONTENT_LENGTH,
            Headers.TRANSFER_ENCODING,
            Headers.CONTENT_TYPE,
            Headers.CACHE_CONTROL,
            ACCEL_BUFFERING);

    /** Begins the protocol's part of a stream. */
    @FunctionalInterface
    public interface Opener {
        /** Takes the connection over; on its loop, after the first bytes were written. */
        StreamSession open(Connection connection);
    }

    private final EventLoops loops;
    private final TransportSettings settings;

    /** Makes streams on these loops. */
    public SseHandler(EventLoops loops, TransportSettings settings) {
        this.loops = Objects.requireNonNull(loops, "loops");
        this.settings = Objects.requireNonNull(settings, "settings");
    }

    /**
     * Answers an exchange with a stream. The exchange must not be touched afterwards. From the exchange's IO thread, or
     * from where it was dispatched to.
     *
     * @param id of the connection
     * @param format makes complete SSE blocks
     */
    public void open(HttpServerExchange exchange, String id, WireFormat format, Opener opener) {
        if (!exchange.isRequestComplete()) {
            // The rest of the connection is ours: what a client sends as a body would only have to be thrown away.
            exchange.setStatusCode(400).setPersistent(false).endExchange();
        } else if (exchange.getConnection() instanceof HttpServerConnection raw) {
            onIoThread(exchange, () -> openRaw(exchange, raw, id, format, opener));
        } else {
            exchange.dispatch(exchange.getIoThread(), () -> openStream(exchange, id, format, opener));
        }
    }

    private static void onIoThread(HttpServerExchange exchange, Runnable task) {
        if (exchange.isInIoThread()) {
            task.run();
        } else {
            exchange.dispatch(exchange.getIoThread(), task);
        }
    }

    private void openRaw(
            HttpServerExchange exchange, HttpServerConnection raw, String id, WireFormat format, Opener opener) {
        byte[] head = head(exchange);
        // Undertow closes the connection of an exchange that is not persistent instead of handing it over.
        exchange.setPersistent(true);
        exchange.upgradeChannel("sse", new Handover(connection -> handOver(connection, id, format, opener)));
        exchange.addResponseWrapper((factory, wrapped) -> new RawResponse(raw.getOriginalSinkConduit(), wrapped, head));
        exchange.endExchange();
    }

    private void handOver(StreamConnection socket, String id, WireFormat format, Opener opener) {
        SseConnection connection = new SseConnection(
                id,
                format,
                loops.of(socket.getIoThread()),
                socket.getSinkChannel().getConduit(),
                socket instanceof SslConnection,
                settings,
                socket.getSourceChannel(),
                socket);
        socket.getSinkChannel().setWriteListener(connection);
        socket.getSourceChannel().setReadListener(connection);
        socket.setCloseListener(connection);
        start(connection, opener);
        socket.getSourceChannel().wakeupReads();
    }

    private void openStream(HttpServerExchange exchange, String id, WireFormat format, Opener opener) {
        exchange.setStatusCode(200);
        exchange.getResponseHeaders()
                .put(Headers.CONTENT_TYPE, CONTENT_TYPE)
                .put(Headers.CACHE_CONTROL, CACHE_CONTROL)
                .put(ACCEL_BUFFERING, "no");
        StreamSinkChannel stream = exchange.getResponseChannel();
        Closeable end = () -> {
            stream.close();
            exchange.endExchange();
        };
        SseConnection connection = new SseConnection(
                id,
                format,
                loops.of(exchange.getIoThread()),
                new StreamSinkChannelWrappingConduit(stream),
                true,
                settings,
                null,
                end);
        stream.getWriteSetter().set(connection);
        stream.getCloseSetter().set(closed -> connection.gone());
        exchange.addExchangeCompleteListener((completed, next) -> {
            next.proceed();
            connection.gone();
        });
        start(connection, opener);
    }

    private static void start(SseConnection connection, Opener opener) {
        try {
            connection.start(opener);
        } catch (Throwable t) {
            LOG.log(Level.ERROR, "a stream could not be opened", t);
            connection.close(CloseReason.INTERNAL);
        }
    }

    private static byte[] head(HttpServerExchange exchange) {
        StringBuilder head = new StringBuilder(256)
                .append("HTTP/1.1 200 OK\r\nContent-Type: ")
                .append(CONTENT_TYPE)
                .append("\r\nCache-Control: ")
                .append(CACHE_CONTROL)
                .append("\r\nX-Accel-Buffering: no\r\nConnection: close\r\n");
        for (HeaderValues values : exchange.getResponseHeaders()) {
            if (!OWN.contains(values.getHeaderName())) {
                for (String value : values) {
                    append(head, values.getHeaderName().toString(), value);
                }
            }
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void append(StringBuilder head, String name, String value) {
        if (value.indexOf('\r') < 0 && value.indexOf('\n') < 0) {
            head.append(name).append(": ").append(value).append("\r\n");
        }
    }
}
