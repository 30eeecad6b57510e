package dev.pushy.undertow.transport.sockjs;

import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.ClientExchange;
import io.undertow.client.ClientRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;

/**
 * One request on its way to the node that has its session, and the answer on its way back. Confined to the IO thread of the
 * exchange.
 *
 * <p>Whichever side goes away, the other one sees its connection end, as if nobody stood between. A node that says nothing
 * for longer than heartbeats allow has gone away, too, though its connection stands.
 *
 * <p>Undertow's {@code ProxyHandler} would hold back what a client over HTTP/2 is to read at once, would see a client go only
 * when there is something to write, and would log each that goes as an error.
 */
final class Relay implements ClientCallback<ClientExchange> {
    private static final Logger LOG = System.getLogger(Relay.class.getName());
    /** Stands in requests that were handed on. */
    static final HttpString MARK = new HttpString("Pushy-Forwarded");

    /** Concern one connection, and not what is behind it. */
    private static final Set<HttpString> HOP = Set.of(
            Headers.CONNECTION,
            Headers.CONTENT_LENGTH,
            Headers.EXPECT,
            Headers.KEEP_ALIVE,
            Headers.PROXY_AUTHENTICATE,
            Headers.PROXY_AUTHORIZATION,
            Headers.TE,
            Headers.TRAILER,
            Headers.TRANSFER_ENCODING,
            Headers.UPGRADE,
            new HttpString("HTTP2-Settings"),
            new HttpString("Proxy-Connection"));

    private final HttpServerExchange exchange;
    private final ByteBuffer body;
    private final ClientConnection connection;
    private final NodeLine line;
    private final Set<Relay> relays;
    private final Silence silence;
    private @Nullable ClientWatch watch;
    private boolean ending;
    private boolean over;

    /**
     * A request that was not sent yet.
     *
     * @param connection of the line, on which nothing is under way
     * @param relays has this one until it is over
     * @param patience how long the node may be silent
     */
    Relay(
            HttpServerExchange exchange,
            byte[] body,
            ClientConnection connection,
            NodeLine line,
            Set<Relay> relays,
            Duration patience) {
        this.exchange = exchange;
        this.body = ByteBuffer.wrap(body);
        this.connection = connection;
        this.line = line;
        this.relays = relays;
        this.silence = new Silence(
                exchange.getIoThread(),
                patience,
                () -> failed(new IOException("the node has said nothing for " + patience)));
    }

    void begin() {
        if (exchange.isComplete()) {
            line.keep(connection);
            return;
        }
        relays.add(this);
        silence.begin();
        watch = ClientWatch.start(exchange, this::cut);
        exchange.addExchangeCompleteListener((completed, next) -> {
            if (exchange.isInIoThread()) {
                cut();
            } else {
                exchange.getIoThread().execute(this::cut);
            }
            next.proceed();
        });
        connection.sendRequest(request(), this);
    }

    /** Ends it after a time, if it is not over then. Any thread. */
    void endAfter(long millis) {
        try {
            exchange.getIoThread().executeAfter(this::cut, Math.max(1, millis), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "a request that was handed on ends with its thread", e);
        }
    }

    private ClientRequest request() {
        String query = exchange.getQueryString();
        ClientRequest request = new ClientRequest()
                .setMethod(exchange.getRequestMethod())
                .setPath(path() + (query.isEmpty() ? "" : "?" + query));
        HeaderMap headers = request.getRequestHeaders();
        for (HeaderValues values : exchange.getRequestHeaders()) {
            HttpString name = values.getHeaderName();
            if (!HOP.contains(name) && name.byteAt(0) != ':') {
                headers.putAll(name, values);
            }
        }
        if (body.hasRemaining() || !exchange.getRequestMethod().equalToString("GET")) {
            headers.put(Headers.CONTENT_LENGTH, body.remaining());
        }
        InetSocketAddress peer = exchange.getSourceAddress();
        String before = headers.getFirst(Headers.X_FORWARDED_FOR);
        headers.put(
                Headers.X_FORWARDED_FOR,
                (before == null ? "" : before + ", ") + peer.getAddress().getHostAddress());
        if (!headers.contains(Headers.X_FORWARDED_PROTO)) {
            headers.put(Headers.X_FORWARDED_PROTO, exchange.getRequestScheme());
        }
        headers.put(MARK, "1");
        return request;
    }

    /** The path as it came. */
    private String path() {
        String uri = exchange.getRequestURI();
        if (!exchange.isHostIncludedInRequestURI()) {
            return uri;
        }
        return uri.substring(uri.indexOf('/', uri.indexOf("//") + 2));
    }

    @Override
    public void completed(ClientExchange sent) {
        sent.setResponseListener(new ClientCallback<>() {
            @Override
            public void completed(ClientExchange answered) {
                answer(answered);
            }

            @Override
            public void failed(IOException e) {
                Relay.this.failed(e);
            }
        });
        if (!body.hasRemaining()) {
            return; // then Undertow ends the request by itself
        }
        StreamSinkChannel to = sent.getRequestChannel();
        to.getWriteSetter().set(this::send);
        send(to);
    }

    private void send(StreamSinkChannel to) {
        try {
            while (body.hasRemaining()) {
                if (to.write(body) == 0) {
                    to.resumeWrites();
                    return;
                }
            }
            to.shutdownWrites();
            if (to.flush()) {
                to.suspendWrites();
            } else {
                to.resumeWrites();
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void answer(ClientExchange answered) {
        if (over) {
            return;
        }
        HeaderMap headers = exchange.getResponseHeaders();
        HeaderMap theirs = answered.getResponse().getResponseHeaders();
        for (HeaderValues values : theirs) {
            HttpString name = values.getHeaderName();
            if (!HOP.contains(name) || name.equals(Headers.CONTENT_LENGTH)) {
                headers.remove(name);
                headers.putAll(name, values);
            }
        }
        exchange.setStatusCode(answered.getResponse().getResponseCode());
        new Pump(
                        exchange.getIoThread(),
                        answered.getResponseChannel(),
                        exchange.getResponseChannel(),
                        exchange.getResponseContentLength(),
                        connection.getBufferPool(),
                        this)
                .run();
    }

    @Override
    public void failed(IOException e) {
        LOG.log(Level.DEBUG, "a request that was handed on is lost", e);
        cut();
    }

    /** The node has said something, or the client could not take it before. */
    void heard() {
        silence.end();
    }

    /** The node has said all. What the client sends now is its next request. */
    void ending() {
        ending = true;
        if (watch != null) {
            watch.stop();
        }
    }

    /** The answer was written to its end. */
    void done() {
        if (!over) {
            finish();
            exchange.endExchange();
        }
    }

    /** Ends both sides where they are. Nothing happens if it is over. */
    private void cut() {
        if (over) {
            return;
        }
        finish();
        if (!exchange.isComplete()) {
            IoUtils.safeClose(exchange.getConnection());
            exchange.endExchange();
        }
    }

    private void finish() {
        over = true;
        relays.remove(this);
        silence.stop();
        if (watch != null) {
            watch.stop();
        }
        if (ending && exchange.getStatusCode() < 400) {
            line.keep(connection);
        } else {
            line.drop(connection); // what is under way on it, or the rest of what the node has refused
        }
    }
}
