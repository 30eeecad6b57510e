package dev.pushy.server;

import io.undertow.Undertow;
import io.undertow.Undertow.ListenerBuilder;
import io.undertow.Undertow.ListenerInfo;
import io.undertow.Undertow.ListenerType;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Sequence;
import org.xnio.channels.AcceptingChannel;

/** The ports of the server: without TLS, with TLS, and that of the metrics, as far as there are such. */
final class Listeners {
    private static final System.Logger LOG = System.getLogger(Listeners.class.getName());

    /** What a port is for, in the order in which they are opened. */
    private enum Kind {
        PLAIN,
        TLS,
        METRICS
    }

    /** As many as a kernel usually lets wait: after a restart all clients come at once. */
    private static final int ACCEPT_QUEUE = 4096;
    /** What a reader that stands still fills in the kernel before its backlog with us begins; left alone it is 4 MB. */
    private static final int SEND_BUFFER = 128 * 1024;

    private static final int HEAD_TIMEOUT_MS = 15_000;

    private final List<Kind> kinds = new ArrayList<>();
    private final EventThreads threads;
    private final Undertow undertow;
    private boolean open;

    /**
     * Sets the ports up; {@link #start} opens them.
     *
     * @param main answers clients
     * @param metrics answers on the port of the metrics, if there is one
     * @param certificate what TLS is begun with, where it is served
     */
    Listeners(
            ServerConfig config,
            EventThreads threads,
            HttpHandler main,
            HttpHandler metrics,
            @Nullable ServedCertificate certificate) {
        this.threads = threads;
        Listen listen = config.listen();
        // No idle, read or write time-out: each would stay under streams, whose clients never send, and end them.
        Undertow.Builder builder = Undertow.builder()
                .setWorker(threads.xnio())
                .setSocketOption(Options.BACKLOG, ACCEPT_QUEUE)
                .setSocketOption(Options.SEND_BUFFER, SEND_BUFFER)
                .setSocketOption(Options.TCP_NODELAY, true)
                .setSocketOption(Options.REUSE_ADDRESSES, true)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, config.headBytes())
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, HEAD_TIMEOUT_MS)
                // Or an answer waits until the next request is answered, which may be a poll.
                .setServerOption(UndertowOptions.BUFFER_PIPELINED_DATA, false)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true);
        if (listen.plain()) {
            kinds.add(Kind.PLAIN);
            builder.addListener(listener(listen.port(), listen.bind()).setRootHandler(main));
        }
        TlsConfig tls = listen.tls();
        if (tls != null && certificate != null) {
            kinds.add(Kind.TLS);
            builder.addListener(listener(tls.port(), listen.bind())
                    .setType(ListenerType.HTTPS)
                    .setSslContext(certificate.context())
                    .setOverrideSocketOptions(
                            OptionMap.create(Options.SSL_ENABLED_PROTOCOLS, Sequence.of(tls.versions())))
                    .setRootHandler(main));
        }
        Integer metricsPort = config.metrics().port();
        if (metricsPort != null) {
            kinds.add(Kind.METRICS);
            builder.addListener(listener(metricsPort, config.metrics().bind()).setRootHandler(metrics));
        }
        undertow = builder.build();
    }

    private static ListenerBuilder listener(int port, String host) {
        return new ListenerBuilder().setType(ListenerType.HTTP).setPort(port).setHost(host);
    }

    void start() {
        undertow.start();
        open = true;
    }

    /**
     * Closes the ports; connections stay. Idempotent.
     *
     * <p>Before that no more connections are accepted, and those that were are taken in by their loops: a loop that looks for
     * a connection on a port that is closed takes that for a failure, and logs it as one.
     */
    synchronized void stop() {
        if (open) {
            open = false;
            try {
                stopAccepting();
            } catch (ReflectiveOperationException e) {
                LOG.log(System.Logger.Level.DEBUG, "Ports are closed while they accept connections", e);
            }
        }
        undertow.stop();
    }

    private void stopAccepting() throws ReflectiveOperationException {
        for (ListenerInfo info : undertow.getListenerInfo()) {
            AcceptingChannel<?> channel = channel(info);
            channel.suspendAccepts();
            EventThreads.settle(List.of(channel.getIoThread()));
        }
        // A loop that takes a connection in may look for another one afterwards, and then no more.
        EventThreads.settle(threads.loops());
        EventThreads.settle(threads.loops());
    }

    /** What the public way to suspend a listener does not leave alone are its open connections. */
    private static AcceptingChannel<?> channel(ListenerInfo info) throws ReflectiveOperationException {
        Field channel = ListenerInfo.class.getDeclaredField("channel");
        channel.setAccessible(true);
        return (AcceptingChannel<?>) channel.get(info);
    }

    /** Lets new connections begin TLS with another identity; those that are open keep theirs. */
    void identify(SSLContext context) {
        info(Kind.TLS).setSslContext(context);
    }

    /** The port that clients connect to: the one without TLS if there is one. */
    int port() {
        return port(kinds.get(0));
    }

    /** The port with TLS. */
    int tlsPort() {
        return port(Kind.TLS);
    }

    /** The port that has the metrics. */
    int metricsPort() {
        return kinds.contains(Kind.METRICS) ? port(Kind.METRICS) : port();
    }

    private int port(Kind kind) {
        return ((InetSocketAddress) info(kind).getAddress()).getPort();
    }

    private ListenerInfo info(Kind kind) {
        return undertow.getListenerInfo().get(kinds.indexOf(kind));
    }
}
