package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.transport.EventLoops;
import dev.pushy.undertow.transport.TransportSettings;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The endpoints that the test suite of SockJS asks for, as it is, below {@code /sockjs}. */
public final class SockJsMounts {
    private static final SockJsOptions SUITE = SockJsOptions.STANDARD.withResponseLimit(4_096);

    private final PathHandler paths;
    private final EventLoops loops;
    private final TransportSettings settings;
    private final Supplier<String> ids;
    private final Forwarding forwarding;

    SockJsMounts(
            PathHandler paths,
            EventLoops loops,
            TransportSettings settings,
            Supplier<String> ids,
            Forwarding forwarding) {
        this.paths = paths;
        this.loops = loops;
        this.settings = settings;
        this.ids = ids;
        this.forwarding = forwarding;
    }

    /** Adds all endpoints of the suite. */
    public static void add(PathHandler paths, EventLoops loops, TransportSettings settings, Supplier<String> ids) {
        new SockJsMounts(paths, loops, settings, ids, Forwarding.none()).addSuite();
    }

    void addSuite() {
        mount("/sockjs/echo", SUITE, ScriptedProtocol.echo());
        mount("/sockjs/close", SUITE, ScriptedProtocol.close());
        mount("/sockjs/disabled_websocket_echo", SUITE.withWebSocket(false), ScriptedProtocol.echo());
        mount("/sockjs/cookie_needed_echo", SUITE.withCookie(true), ScriptedProtocol.echo());
        mount("/sockjs/amplify", SockJsOptions.STANDARD, ScriptedProtocol.amplify());
    }

    SockJsHandler mount(String path, SockJsOptions options, ClientProtocol protocol) {
        SockJsHandler handler = new SockJsHandler(loops, settings, options, protocol, ids, forwarding);
        paths.addPrefixPath(path, exchange -> handler.handle(exchange, segments(exchange, path), request(path)));
        return handler;
    }

    private static List<String> segments(HttpServerExchange exchange, String path) {
        String below = exchange.getRequestURI().substring(path.length());
        return Stream.of(below.split("/", -1))
                .skip(1)
                .map(segment -> URLDecoder.decode(segment, StandardCharsets.UTF_8))
                .toList();
    }

    private static ClientRequest request(String path) {
        return new ClientRequest(path, Map.of(), null, null, null, null, null, false, null);
    }
}
