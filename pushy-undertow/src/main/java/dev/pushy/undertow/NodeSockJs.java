package dev.pushy.undertow;

import dev.pushy.undertow.api.ApiSettings;
import dev.pushy.undertow.protocol.ClientAccess;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.Origins;
import dev.pushy.undertow.pusher.AddressedProtocol;
import dev.pushy.undertow.pusher.PusherProtocol;
import dev.pushy.undertow.transport.EventLoops;
import dev.pushy.undertow.transport.TransportSettings;
import dev.pushy.undertow.transport.sockjs.ClientScript;
import dev.pushy.undertow.transport.sockjs.Forwarding;
import dev.pushy.undertow.transport.sockjs.SockJsHandler;
import dev.pushy.undertow.transport.sockjs.SockJsOptions;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The SockJS endpoints of a handler. Thread-safe once it has been told what to serve. */
final class NodeSockJs {
    /** Where pusher-js takes its client library of SockJS from, which is of a version that no other client uses. */
    private static final Pattern PUSHER_SCRIPT =
            Pattern.compile("https?://js\\.pusher\\.com/[0-9]+(\\.[0-9]+)*/sockjs(\\.min)?\\.js");

    private final Map<ApiSettings.SockJs, SockJsHandler> handlers = new EnumMap<>(ApiSettings.SockJs.class);
    private final EventLoops loops;
    private final Supplier<String> ids;
    private final SockJsOptions standard;
    private final Forwarding forwarding;

    NodeSockJs(EventLoops loops, Supplier<String> ids, SockJsOptions standard, Forwarding forwarding) {
        this.loops = loops;
        this.ids = ids;
        this.standard = standard;
        this.forwarding = forwarding;
    }

    /** Serves the native protocol, to pages that may use some app: which one, its token says later. */
    void serve(TransportSettings settings, ClientProtocol json, ClientAccess access) {
        SockJsOptions options = standard.withOrigins(
                (request, origin) -> access.isKnownOrigin(origin) || Origins.isSame(origin, request.host()));
        add(ApiSettings.SockJs.NATIVE, settings, options, json);
    }

    /**
     * Serves the Pusher protocol, to pages of all origins: whether the app takes them its session knows, and can say.
     *
     * @param patience how long a client may take to say which app it means
     */
    void serve(TransportSettings settings, PusherProtocol pusher, Duration patience) {
        SockJsOptions fallback = SockJsOptions.PUSHER;
        ClientScript script = new ClientScript(
                standard.clientScript().url(), url -> PUSHER_SCRIPT.matcher(url).matches());
        add(
                ApiSettings.SockJs.PUSHER,
                settings,
                standard.withClientScript(script),
                new AddressedProtocol(pusher, patience));
        add(
                ApiSettings.SockJs.PUSHER_FALLBACK,
                settings,
                fallback.withTimes(standard.heartbeat(), fallback.absence()),
                pusher);
    }

    private void add(
            ApiSettings.SockJs what, TransportSettings settings, SockJsOptions options, ClientProtocol protocol) {
        handlers.put(what, new SockJsHandler(loops, settings, options, protocol, ids, forwarding));
    }

    void handle(HttpServerExchange exchange, ApiSettings.SockJs what, List<String> path, ClientRequest request) {
        SockJsHandler handler = handlers.get(what);
        if (handler == null) {
            throw new IllegalStateException("nothing is served over SockJS as " + what);
        }
        handler.handle(exchange, path, request);
    }
}
