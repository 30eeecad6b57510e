package dev.pushy.undertow.api;

import dev.pushy.core.EventLoop;
import dev.pushy.core.Grant;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.ClientAccess;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.SessionSettings;
import dev.pushy.undertow.protocol.StreamRequest;
import dev.pushy.undertow.pusher.AppRegistry;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/**
 * What the HTTP API works with.
 *
 * @param pushy the node
 * @param access who clients are
 * @param sessions what sessions share: workers, clock, whether the node drains
 * @param publishers who may publish
 * @param tokenTtl how long a token lives unless its request says otherwise
 * @param maxTokenTtl how long one may live
 * @param bodyTimeout how long a client may take to send a body
 * @param transports what opens streams and WebSockets
 * @param apps the apps of the Pusher protocol, or null where it is off
 * @param pusherPath the segments of the path below which the Pusher protocol is served; none by default
 */
public record ApiSettings(
        Pushy pushy,
        ClientAccess access,
        SessionSettings sessions,
        Publishers publishers,
        Duration tokenTtl,
        Duration maxTokenTtl,
        Duration bodyTimeout,
        Transports transports,
        @Nullable AppRegistry apps,
        List<String> pusherPath) {

    /** Checks the values. */
    public ApiSettings {
        Objects.requireNonNull(pushy, "pushy");
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(sessions, "sessions");
        Objects.requireNonNull(publishers, "publishers");
        Objects.requireNonNull(transports, "transports");
        pusherPath = List.copyOf(pusherPath);
        requirePositive("tokenTtl", tokenTtl);
        requirePositive("maxTokenTtl", maxTokenTtl);
        requirePositive("bodyTimeout", bodyTimeout);
        if (tokenTtl.compareTo(maxTokenTtl) > 0) {
            throw new IllegalArgumentException(
                    "tokenTtl is " + tokenTtl.toSeconds() + " s, which is more than maxTokenTtl, "
                            + maxTokenTtl.toSeconds() + " s: raise that or lower this");
        }
    }

    private static void requirePositive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + " is " + value + ", it must be positive");
        }
    }

    /** What is spoken over SockJS. */
    public enum SockJs {
        /** The native protocol. */
        NATIVE,
        /** The Pusher protocol, where it is on. */
        PUSHER,
        /** The same to pusher-js itself, which speaks a part of SockJS of its own. */
        PUSHER_FALLBACK
    }

    /** What owns the sockets. On the IO thread of the exchange. */
    public interface Transports {
        /** Answers with a stream that has been allowed; the exchange is not touched afterwards. */
        void openStream(HttpServerExchange exchange, Grant grant, StreamRequest request);

        /** Answers a WebSocket handshake; the exchange is not touched afterwards. */
        void openWebSocket(HttpServerExchange exchange, ClientRequest request);

        /** The same for the Pusher protocol, where it is on. */
        void openPusherSocket(HttpServerExchange exchange, ClientRequest request);

        /**
         * Answers a request of SockJS; the exchange is not touched afterwards.
         *
         * @param path the segments below the endpoint
         * @param request what a session is told that this opens, with the path of the endpoint
         */
        void openSockJs(HttpServerExchange exchange, SockJs what, List<String> path, ClientRequest request);

        /** The loop of an IO thread. */
        EventLoop loop(XnioIoThread thread);
    }
}
