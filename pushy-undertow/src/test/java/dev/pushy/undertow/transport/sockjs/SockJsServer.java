package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.SessionDirectory;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.transport.EventLoops;
import dev.pushy.undertow.transport.TransportSettings;
import dev.pushy.undertow.transport.WriteMeter;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.handlers.PathHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.xnio.Options;

/** Endpoints on a real port: those of the suite, and those that a test mounts. */
final class SockJsServer implements AutoCloseable {
    private final PathHandler paths = new PathHandler();
    private final SockJsMounts mounts;
    private final Undertow server;
    final Forwarding forwarding;

    SockJsServer() {
        this(TransportSettings.DEFAULT);
    }

    SockJsServer(TransportSettings settings) {
        this(settings, SessionDirectory.ALONE);
    }

    /** A node of several, which the others know of from the start. */
    SockJsServer(TransportSettings settings, SessionDirectory sessions) {
        forwarding = new Forwarding(sessions, Runnable::run);
        EventLoops loops = new EventLoops(WriteMeter.NONE);
        AtomicLong ids = new AtomicLong();
        Supplier<String> newId = () -> "1." + ids.incrementAndGet();
        mounts = new SockJsMounts(paths, loops, settings, newId, forwarding);
        mounts.addSuite();
        server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .setSocketOption(Options.SEND_BUFFER, 32 * 1024)
                .setIoThreads(4)
                .setWorkerThreads(2)
                .setHandler(paths)
                .build();
        server.start();
        forwarding.join(address());
    }

    /** Where other nodes reach it. */
    URI address() {
        return URI.create("http://127.0.0.1:" + port());
    }

    SockJsHandler mount(String path, SockJsOptions options, ClientProtocol protocol) {
        return mounts.mount(path, options, protocol);
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    Http http() {
        return new Http(port());
    }

    /** Waits until something holds, and fails if it does not come to hold. */
    static void await(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for: " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Override
    public void close() {
        forwarding.close();
        stop();
    }

    /** Ends it as a crash does: its lease goes on. */
    void stop() {
        server.stop();
    }
}
