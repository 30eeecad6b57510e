package dev.pushy.undertow;

import dev.pushy.core.EventLoop;
import dev.pushy.core.Grant;
import dev.pushy.core.Hub;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.api.ApiSettings;
import dev.pushy.undertow.protocol.ClientAccess;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.JsonProtocol;
import dev.pushy.undertow.protocol.NativeFormats;
import dev.pushy.undertow.protocol.SessionSettings;
import dev.pushy.undertow.protocol.SseSession;
import dev.pushy.undertow.protocol.StreamRequest;
import dev.pushy.undertow.pusher.PusherProtocol;
import dev.pushy.undertow.pusher.PusherSettings;
import dev.pushy.undertow.transport.EventLoops;
import dev.pushy.undertow.transport.SseHandler;
import dev.pushy.undertow.transport.TransportSettings;
import dev.pushy.undertow.transport.WebSocketHandler;
import dev.pushy.undertow.transport.WriteMeter;
import dev.pushy.undertow.transport.sockjs.Forwarding;
import dev.pushy.undertow.transport.sockjs.SockJsOptions;
import io.undertow.server.HttpServerExchange;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/** The sockets of a handler, bound to the sessions of the native and the Pusher protocol. Thread-safe. */
final class NodeTransports implements ApiSettings.Transports {
    private static final String SUBPROTOCOL = "pushy.v1";
    private static final String PUSHER_SUBPROTOCOL = "pusher-channels-protocol-7";
    private static final int PUSHER_MESSAGE_BYTES = 64 * 1024;

    private final Pushy pushy;
    private final ClientAccess access;
    private final SessionSettings sessions;
    private final EventLoops loops;
    private final SseHandler sse;
    private final WebSocketHandler webSocket;
    private final @Nullable WebSocketHandler pusherSocket;
    private final NodeSockJs sockJs;

    NodeTransports(
            Pushy pushy,
            ClientAccess access,
            SessionSettings sessions,
            TransportSettings settings,
            @Nullable PusherSettings pusher,
            SockJsOptions sockJsOptions,
            Forwarding forwarding) {
        this.pushy = pushy;
        this.access = access;
        this.sessions = sessions;
        this.loops = new EventLoops(new HubMeter(pushy.hub()));
        this.sse = new SseHandler(loops, settings);
        JsonProtocol json = new JsonProtocol(pushy, access, sessions);
        this.webSocket = new WebSocketHandler(loops, settings, json, List.of(SUBPROTOCOL), this::newId);
        this.sockJs = new NodeSockJs(loops, this::newId, sockJsOptions, forwarding);
        sockJs.serve(settings, json, access);
        if (pusher == null) {
            this.pusherSocket = null;
        } else {
            PusherProtocol protocol = new PusherProtocol(pushy, pusher, sessions);
            TransportSettings forPusher = forPusher(settings);
            this.pusherSocket =
                    new WebSocketHandler(loops, forPusher, protocol, List.of(PUSHER_SUBPROTOCOL), this::newId);
            sockJs.serve(forPusher, protocol, sessions.authTimeout());
        }
    }

    private String newId() {
        return pushy.hub().newConnectionId();
    }

    /** What an event may have by its own limit fits into a message, however much of it is escaped. */
    private static TransportSettings forPusher(TransportSettings settings) {
        return settings.withBytes(
                settings.backlogBytes(), Math.max(PUSHER_MESSAGE_BYTES, settings.clientMessageBytes()));
    }

    @Override
    public void openStream(HttpServerExchange exchange, Grant grant, StreamRequest request) {
        sse.open(
                exchange,
                newId(),
                NativeFormats.SSE,
                connection -> SseSession.open(
                        pushy, access, sessions, connection, grant, request.patterns(), request.resume()));
    }

    @Override
    public void openWebSocket(HttpServerExchange exchange, ClientRequest request) {
        webSocket.open(exchange, request);
    }

    @Override
    public void openPusherSocket(HttpServerExchange exchange, ClientRequest request) {
        if (pusherSocket == null) {
            throw new IllegalStateException("the Pusher protocol is off");
        }
        pusherSocket.open(exchange, request);
    }

    @Override
    public void openSockJs(
            HttpServerExchange exchange, ApiSettings.SockJs what, List<String> path, ClientRequest request) {
        sockJs.handle(exchange, what, path, request);
    }

    @Override
    public EventLoop loop(XnioIoThread thread) {
        return loops.loop(thread);
    }

    /** Counts in the hub what transports write. */
    private record HubMeter(Hub hub) implements WriteMeter {
        @Override
        public void bytes(long count) {
            hub.countBytes(count);
        }

        @Override
        public void dropped(int publications) {
            hub.countDropped(publications);
        }
    }
}
