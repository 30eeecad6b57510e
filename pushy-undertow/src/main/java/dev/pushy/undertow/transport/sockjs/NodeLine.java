package dev.pushy.undertow.transport.sockjs;

import io.undertow.client.ClientConnection;
import io.undertow.client.UndertowClient;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.IoFuture;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.ssl.XnioSsl;

/**
 * The connections of one IO thread to one node: each carries a request, then the next. A stream holds one for as long as it
 * is open, so there may be many; those that nobody needs are closed soon. Confined to the thread.
 */
final class NodeLine {
    private static final int MOST = 8_192;
    private static final int MOST_IDLE = 256;
    private static final long IDLE_MILLIS = 10_000;
    private static final long CONNECT_MILLIS = 5_000;
    private static final OptionMap OPTIONS = OptionMap.create(Options.TCP_NODELAY, true, Options.KEEP_ALIVE, true);

    private final XnioIoThread thread;
    private final URI node;
    private final Deque<Idle> idle = new ArrayDeque<>();
    private @Nullable XnioSsl ssl;
    private int open;

    /** Who wants a connection. On the thread. */
    interface Taker {
        void onConnected(ClientConnection connection);

        void onUnreachable(Exception reason);
    }

    private record Idle(ClientConnection connection, XnioExecutor.Key end) {}

    NodeLine(XnioIoThread thread, URI node) {
        this.thread = thread;
        this.node = node;
    }

    /** Whether there may be no more connections. */
    boolean isFull() {
        return idle.isEmpty() && open >= MOST;
    }

    boolean isUnused() {
        return open == 0;
    }

    /** Gives a connection, or tells that none can be made, within a few seconds. */
    void take(HttpServerExchange exchange, Taker taker) {
        for (Idle last = idle.pollLast(); last != null; last = idle.pollLast()) {
            last.end().remove();
            if (last.connection().isOpen()) {
                taker.onConnected(last.connection());
                return;
            }
        }
        open++;
        Attempt attempt = new Attempt(taker);
        try {
            attempt.begin(exchange.getConnection().getByteBufferPool());
        } catch (RuntimeException e) { // an address that is none, or a thread that ends
            attempt.failed(new IOException(e));
        }
    }

    private @Nullable XnioSsl ssl() {
        if (ssl == null && "https".equals(node.getScheme())) {
            try {
                ssl = new UndertowXnioSsl(thread.getWorker().getXnio(), OptionMap.EMPTY, SSLContext.getDefault());
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has a default for TLS", e);
            }
        }
        return ssl;
    }

    /** Takes a connection back on which nothing is under way. */
    void keep(ClientConnection connection) {
        if (!connection.isOpen()) {
            return;
        }
        try {
            idle.addLast(new Idle(
                    connection, thread.executeAfter(() -> expire(connection), IDLE_MILLIS, TimeUnit.MILLISECONDS)));
        } catch (RejectedExecutionException e) { // the thread ends
            IoUtils.safeClose(connection);
        }
        if (idle.size() > MOST_IDLE) {
            Idle oldest = idle.removeFirst();
            oldest.end().remove();
            IoUtils.safeClose(oldest.connection());
        }
    }

    /**
     * Ends a connection on which something is under way, so that the node hears of it now. A plain close would first wait ten
     * seconds for what else the node has to say, and let it know nothing until then.
     */
    void drop(ClientConnection connection) {
        try {
            IoUtils.safeClose(connection.performUpgrade());
        } catch (IOException e) { // it is closed already
            IoUtils.safeClose(connection);
        }
    }

    private void expire(ClientConnection connection) {
        idle.removeIf(each -> each.connection() == connection);
        IoUtils.safeClose(connection);
    }

    /** One connection that is being made; when it comes too late it is kept for the next request. */
    private final class Attempt extends IoFuture.HandlingNotifier<ClientConnection, @Nullable Void> {
        private final Taker taker;
        private XnioExecutor.@Nullable Key deadline;
        private boolean over;

        Attempt(Taker taker) {
            this.taker = taker;
        }

        void begin(ByteBufferPool buffers) {
            deadline = thread.executeAfter(this::late, CONNECT_MILLIS, TimeUnit.MILLISECONDS);
            UndertowClient.getInstance()
                    .connect(node, thread, ssl(), buffers, OPTIONS)
                    .addNotifier(this, null);
        }

        private void forgetDeadline() {
            if (deadline != null) {
                deadline.remove();
            }
        }

        private void late() {
            over = true;
            taker.onUnreachable(new SocketTimeoutException("no connection within " + CONNECT_MILLIS + " ms"));
        }

        @Override
        public void handleDone(ClientConnection connection, @Nullable Void nothing) {
            connection.getCloseSetter().set(closed -> open--);
            if (over) {
                keep(connection);
            } else {
                over = true;
                forgetDeadline();
                taker.onConnected(connection);
            }
        }

        @Override
        public void handleFailed(IOException reason, @Nullable Void nothing) {
            failed(reason);
        }

        @Override
        public void handleCancelled(@Nullable Void nothing) {
            failed(new IOException("cancelled"));
        }

        private void failed(IOException reason) {
            open--;
            if (!over) {
                over = true;
                forgetDeadline();
                taker.onUnreachable(reason);
            }
        }
    }
}
