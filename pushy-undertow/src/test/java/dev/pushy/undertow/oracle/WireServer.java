package dev.pushy.undertow.oracle;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.xnio.Options;

/** A server on a free port of the loopback, where many handlers come and go below prefixes of their own. */
final class WireServer implements AutoCloseable {
    private final PathHandler paths = new PathHandler();
    private final AtomicInteger prefixes = new AtomicInteger();
    private final Undertow server;

    /** A server with so large a send buffer for each socket, 0 for the system's. */
    WireServer(int sendBuffer) {
        Undertow.Builder builder = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(1)
                .setHandler(paths);
        if (sendBuffer > 0) {
            builder.setSocketOption(Options.SEND_BUFFER, sendBuffer);
        }
        server = builder.build();
        server.start();
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
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
