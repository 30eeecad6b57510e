package dev.pushy.undertow.transport;

import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.transport.sockjs.SockJsMounts;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The WebSocket and SockJS stacks as they are, as an echo server for third-party suites: {@code /echo} for WebSocket, text and binary up
 * to 16 MiB; {@code /http} answers GET with 200 and POST with its body; below {@code /sockjs} the endpoints that the test
 * suite of SockJS asks for. Prints the port and serves until it is ended.
 *
 * <p>Arguments: {@code [--port] N}, 0 or none for any free port; {@code --bind ADDRESS}; {@code --deflate}.
 */
public final class ConformanceServer {
    private static final int MAX_MESSAGE = 16 * 1024 * 1024;

    private ConformanceServer() {}

    /** Serves. */
    public static void main(String[] args) {
        int port = 0;
        String bind = "127.0.0.1";
        boolean deflate = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--port" -> port = Integer.parseInt(args[++i]);
                case "--bind" -> bind = args[++i];
                case "--deflate" -> deflate = true;
                default -> port = Integer.parseInt(args[i]);
            }
        }
        Undertow server = start(bind, port, deflate);
        InetSocketAddress address =
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        System.out.println(address.getPort());
    }

    static Undertow start(String bind, int port, boolean deflate) {
        TransportSettings settings = TransportSettings.DEFAULT
                .withBytes(4 * MAX_MESSAGE, MAX_MESSAGE)
                .withPings(Duration.ofSeconds(25), 10_000)
                .withDeflate(deflate);
        AtomicLong ids = new AtomicLong();
        EventLoops loops = new EventLoops(WriteMeter.NONE);
        Supplier<String> newId = () -> "1." + ids.incrementAndGet();
        WebSocketHandler echo = new WebSocketHandler(loops, settings, new EchoProtocol(), List.of("echo"), newId);
        PathHandler paths = new PathHandler()
                .addPrefixPath("/echo", exchange -> echo.open(exchange, request(exchange)))
                .addPrefixPath("/http", ConformanceServer::http);
        SockJsMounts.add(paths, loops, settings, newId);
        Undertow server = Undertow.builder()
                .addHttpListener(port, bind)
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, (long) MAX_MESSAGE)
                .setHandler(paths)
                .build();
        server.start();
        return server;
    }

    static ClientRequest request(HttpServerExchange exchange) {
        return new ClientRequest(exchange.getRequestURI(), Map.of(), null, null, null, null, null, false, null);
    }

    private static void http(HttpServerExchange exchange) {
        exchange.getRequestReceiver()
                .receiveFullBytes(
                        (received, body) -> received.getResponseSender().send(java.nio.ByteBuffer.wrap(body)));
    }
}
