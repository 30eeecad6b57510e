package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.TextFormat;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.xnio.Options;

/** Both transports on a real port: {@code /ws} and {@code /sse}. What the sessions hear goes to queues. */
final class TestServer implements AutoCloseable {
    final BlockingQueue<Client> webSockets = new LinkedBlockingQueue<>();
    final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
    final CountingMeter meter = new CountingMeter();
    private final Undertow server;

    TestServer(TransportSettings settings) {
        this(settings, handler -> handler);
    }

    TestServer(TransportSettings settings, java.util.function.UnaryOperator<HttpHandler> around) {
        EventLoops loops = new EventLoops(meter);
        AtomicLong ids = new AtomicLong();
        SseHandler sse = new SseHandler(loops, settings);
        WireFormat blocks = new EchoProtocol.PlainTexts();
        WebSocketHandler webSocket = new WebSocketHandler(
                loops, settings, new Protocol(), List.of("pushy.v1"), () -> "1." + ids.incrementAndGet());
        HttpHandler handler = new PathHandler()
                .addPrefixPath("/ws", exchange -> webSocket.open(exchange, ConformanceServer.request(exchange)))
                .addPrefixPath(
                        "/sse",
                        exchange -> sse.open(exchange, "2." + ids.incrementAndGet(), blocks, connection -> {
                            Stream stream = new Stream(connection, new RecordingSession());
                            streams.add(stream);
                            return stream.session;
                        }));
        server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .setSocketOption(Options.SEND_BUFFER, 64 * 1024)
                .setIoThreads(2)
                .setWorkerThreads(2)
                .setHandler(around.apply(handler))
                .build();
        server.start();
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    Client webSocket() throws InterruptedException {
        Client client = webSockets.poll(10, TimeUnit.SECONDS);
        assertTrue(client != null, "no WebSocket came");
        return client;
    }

    Stream stream() throws InterruptedException {
        Stream stream = streams.poll(10, TimeUnit.SECONDS);
        assertTrue(stream != null, "no stream came");
        return stream;
    }

    static <T> T on(Connection connection, Callable<T> task) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        connection.loop().execute(() -> {
            try {
                result.complete(task.call());
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        return result.get(10, TimeUnit.SECONDS);
    }

    /** Appends and flushes on the loop, as the hub does. */
    static void write(Connection connection, byte[]... frames) throws Exception {
        on(connection, () -> {
            for (byte[] frame : frames) {
                connection.append(frame, null);
            }
            connection.flush();
            return null;
        });
    }

    @Override
    public void close() {
        server.stop();
    }

    /** An SSE stream at the server. */
    record Stream(Connection connection, RecordingSession session) {}

    /** A WebSocket at the server. */
    static final class Client implements ClientSession {
        final ClientSocket socket;
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

        Client(ClientSocket socket) {
            this.socket = socket;
        }

        String next() throws InterruptedException {
            String line = heard.poll(10, TimeUnit.SECONDS);
            assertTrue(line != null, "nothing more was heard");
            return line;
        }

        @Override
        public void onText(String text) {
            if (text.startsWith("echo ")) {
                socket.send(text);
                return;
            }
            heard.add("text " + text);
            if (text.equals("stop")) {
                socket.suspendReads();
            } else if (text.equals("throw")) {
                throw new IllegalStateException("planned");
            }
        }

        @Override
        public void onBinary() {
            heard.add("binary");
        }

        @Override
        public void onDrained() {
            heard.add("drained");
        }

        @Override
        public void onHeartbeat() {
            heard.add("heartbeat");
        }

        @Override
        public void onClosed(CloseReason reason) {
            heard.add("closed " + reason);
        }

        @Override
        public CloseCode closeCode(CloseReason reason) {
            return new CloseCode(4999, reason.name());
        }
    }

    private final class Protocol implements ClientProtocol {
        @Override
        public TextFormat texts() {
            return new EchoProtocol.PlainTexts();
        }

        @Override
        public ClientSession open(ClientSocket socket) {
            Client client = new Client(socket);
            webSockets.add(client);
            return client;
        }
    }
}
