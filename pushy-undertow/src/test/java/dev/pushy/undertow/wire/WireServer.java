package dev.pushy.undertow.wire;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.xnio.Options;
import org.xnio.XnioIoThread;

/** A server on a free port of the loopback, where many handlers come and go below prefixes of their own. */
final class WireServer implements AutoCloseable {
    static final int LOOPS = 2;

    private final PathHandler paths = new PathHandler();
    private final AtomicInteger prefixes = new AtomicInteger();
    private final Undertow server;
    private final List<XnioIoThread> loops;

    /** A server with so large a send buffer for each socket, 0 for the system's. */
    WireServer(int sendBuffer) {
        Undertow.Builder builder = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setIoThreads(LOOPS)
                .setWorkerThreads(1)
                .setHandler(paths);
        if (sendBuffer > 0) {
            builder.setSocketOption(Options.SEND_BUFFER, sendBuffer);
        }
        server = builder.build();
        server.start();
        // The worker gives its threads by hash only.
        Set<XnioIoThread> threads = new LinkedHashSet<>();
        for (int hash = 0; threads.size() < LOOPS; hash++) {
            threads.add(server.getWorker().getIoThread(hash * 0x9E3779B9));
        }
        loops = List.copyOf(threads);
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    /** One of the threads that own the connections. */
    XnioIoThread loop(int number) {
        return loops.get(number);
    }

    String mount(HttpHandler handler) {
        String prefix = "/w" + prefixes.incrementAndGet();
        paths.addPrefixPath(prefix, handler);
        return prefix;
    }

    void unmount(String prefix) {
        paths.removePrefixPath(prefix);
    }

    @Override
    public void close() {
        server.stop();
    }
}
