package dev.pushy.undertow;

import dev.pushy.core.Channel;
import dev.pushy.core.Pushy;
import dev.pushy.core.SessionDirectory;
import dev.pushy.undertow.api.ApiHandler;
import dev.pushy.undertow.api.ApiSettings;
import dev.pushy.undertow.api.Publisher;
import dev.pushy.undertow.api.Publishers;
import dev.pushy.undertow.protocol.ClientAccess;
import dev.pushy.undertow.protocol.Origins;
import dev.pushy.undertow.protocol.SessionSettings;
import dev.pushy.undertow.pusher.AppRegistry;
import dev.pushy.undertow.pusher.PusherListener;
import dev.pushy.undertow.pusher.PusherSettings;
import dev.pushy.undertow.transport.TransportSettings;
import dev.pushy.undertow.transport.sockjs.Forwarding;
import dev.pushy.undertow.transport.sockjs.SockJsOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The whole native API of a node as one handler, to be mounted in any Undertow server at any prefix, beside other handlers:
 * SSE, WebSocket, long poll, publish, tokens, presence, history and channels; and the Pusher protocol on the same channels,
 * once it is given apps. Thread-safe.
 *
 * <p>It never blocks an IO thread. The server's own options bound what no handler sees: the size of a request's head
 * ({@code UndertowOptions.MAX_HEADER_SIZE}) and how long a client may take to send one
 * ({@code UndertowOptions.REQUEST_PARSE_TIMEOUT}).
 */
public final class PushyHandler implements HttpHandler, AutoCloseable {
    private final Pushy pushy;
    private final ApiHandler api;
    private final Workers workers;
    private final Draining draining;
    private final Forwarding forwarding;

    PushyHandler(Pushy pushy, ApiHandler api, Workers workers, Draining draining, Forwarding forwarding) {
        this.pushy = pushy;
        this.api = api;
        this.workers = workers;
        this.draining = draining;
        this.forwarding = forwarding;
    }

    /** Begins to set up a handler for a node that has been started. */
    public static Builder builder(Pushy pushy) {
        return new Builder(pushy);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        api.handleRequest(exchange);
    }

    /**
     * Tells the other nodes where they reach this one, with requests of sessions that are here; from now on they do, and this
     * one hands on what is theirs. Called once, when the server listens. Without {@link Builder#sessions} nothing happens.
     *
     * @param node the address of this node for the others, without a path, such as {@code http://10.0.0.5:4000}. The handler
     *     must be mounted at the same path on all nodes.
     */
    public void join(URI node) {
        forwarding.join(Objects.requireNonNull(node, "node"));
    }

    /** How many requests were handed on to the nodes of their sessions. */
    public long forwardedRequests() {
        return forwarding.forwarded();
    }

    /** How many requests were not handed on because the node of their session could not be reached. */
    public long unreachableRequests() {
        return forwarding.unreachable();
    }

    /**
     * Takes no more clients, and sends those that are connected away, each with a delay of its own within the window before
     * it comes back. Completes when all connections have ended. Requests that are no connections are still answered.
     */
    public CompletionStage<Void> drain(Duration window) {
        draining.begin();
        forwarding.drain(window);
        return pushy.hub().drain(window);
    }

    /** Ends the worker threads; the node is its owner's to close. Idempotent. */
    @Override
    public void close() {
        draining.begin();
        forwarding.close();
        workers.close();
    }

    /** Collects what a handler needs to know; all but the publishers has a default. */
    public static final class Builder {
        private final Pushy pushy;
        private final List<Publisher> publishers = new ArrayList<>();
        private final Map<String, Origins> origins = new HashMap<>();
        private TransportSettings transport;
        private Duration tokenTtl = Duration.ofDays(1);
        private Duration maxTokenTtl = Duration.ofDays(1);
        private Duration tokenLeeway = Duration.ofSeconds(30);
        private Duration authTimeout = Duration.ofSeconds(5);
        private Duration bodyTimeout = Duration.ofSeconds(15);
        private boolean queryTokens = true;
        private int workerThreads = Math.max(2, Runtime.getRuntime().availableProcessors());
        private int workerQueue = 2_048;
        private @Nullable AppRegistry apps;
        private PusherListener pusherListener = new PusherListener() {};
        private Duration pongTimeout = Duration.ofSeconds(30);
        private List<String> pusherPath = List.of();
        private SockJsOptions sockJs = SockJsOptions.STANDARD;
        private SessionDirectory sessions = SessionDirectory.ALONE;
        private InstantSource clock = InstantSource.system();

        private Builder(Pushy pushy) {
            this.pushy = Objects.requireNonNull(pushy, "pushy");
            this.transport = TransportSettings.of(pushy.limits(), pushy.policies());
        }

        /**
         * Adds a backend that may publish on all channels of the default app.
         *
         * @param secret at least 16 characters from a random source, or {@code sha256:} and the hash of one
         */
        public Builder publisher(String id, String secret) {
            return publisher(Publisher.of(id, secret));
        }

        /** Adds a backend that publishes. */
        public Builder publisher(Publisher publisher) {
            publishers.add(publisher);
            return this;
        }

        /** Pages of these origins may use the default app from a browser; {@code *} is all. Default: our own only. */
        public Builder allowedOrigins(String... origins) {
            return allowedOrigins(Channel.DEFAULT_APP, List.of(origins));
        }

        /** Pages of these origins may use an app from a browser; {@code *} is all. */
        public Builder allowedOrigins(String app, List<String> allowed) {
            origins.put(app, Origins.of(allowed));
            return this;
        }

        /** How long a token from {@code POST /token} lives unless the request says otherwise. Default: a day. */
        public Builder tokenTtl(Duration ttl) {
            this.tokenTtl = ttl;
            return this;
        }

        /** The longest life that a request for a token may ask for. Default: a day. */
        public Builder maxTokenTtl(Duration ttl) {
            this.maxTokenTtl = ttl;
            return this;
        }

        /** How long a token is good after its expiry, as the token service has it. Default: 30 s. */
        public Builder tokenLeeway(Duration leeway) {
            this.tokenLeeway = leeway;
            return this;
        }

        /** Whether a token may stand in the query, from where it may get into the logs of proxies. Default: yes. */
        public Builder queryTokens(boolean allowed) {
            this.queryTokens = allowed;
            return this;
        }

        /** How long a WebSocket may be open without a token. Default: 5 s. */
        public Builder authTimeout(Duration time) {
            this.authTimeout = time;
            return this;
        }

        /** How long a client may take to send the body of a request. Default: 15 s. */
        public Builder bodyTimeout(Duration time) {
            this.bodyTimeout = time;
            return this;
        }

        /** How often an SSE stream gets a heartbeat, and about how long one lives. Default: 15 s, 6 h. */
        public Builder streams(Duration heartbeat, Duration maxAge) {
            this.transport = transport.withStreams(heartbeat, maxAge);
            return this;
        }

        /** How often a WebSocket is pinged. Default: 25 s. */
        public Builder ping(Duration interval) {
            this.transport = transport.withPings(interval, transport.pingsFromClient());
            return this;
        }

        /** How long a receive request of SockJS may be silent. Default: 25 s. */
        public Builder sockJsHeartbeat(Duration interval) {
            this.sockJs = sockJs.withTimes(Objects.requireNonNull(interval, "interval"), sockJs.absence());
            return this;
        }

        /**
         * Where the pages that SockJS opens in iframes find the library sockjs-client, of the version that the site itself
         * uses. Default: the newest 1.x of a public network.
         */
        public Builder sockJsClient(String url) {
            this.sockJs = sockJs.withClientScript(url);
            return this;
        }

        /**
         * Knows which node has a session of SockJS or of Pusher's HTTP fallbacks, so that its requests may come to any node:
         * see {@link PushyHandler#join}. Closed with the handler. Default: a load balancer must send all requests of a session
         * to one node.
         */
        public Builder sessions(SessionDirectory directory) {
            this.sessions = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /** Whether WebSockets may agree on permessage-deflate. Default: no. */
        public Builder compression(boolean on) {
            this.transport = transport.withDeflate(on);
            return this;
        }

        /** How many threads do what may block, and how many tasks may wait for them. Default: one for each core, 2,048. */
        public Builder workers(int threads, int queue) {
            if (threads < 1 || queue < 1) {
                throw new IllegalArgumentException(
                        "workers: " + threads + " threads and a queue of " + queue + ", each must be at least 1");
            }
            this.workerThreads = threads;
            this.workerQueue = queue;
            return this;
        }

        /** Serves the Pusher protocol to these apps. Default: it is off. */
        public Builder apps(AppRegistry registry) {
            this.apps = Objects.requireNonNull(registry, "registry");
            return this;
        }

        /** The path below which the Pusher protocol is served, such as {@code /realtime}. Default: none. */
        public Builder pusherPath(String path) {
            this.pusherPath = Arrays.stream(path.split("/", -1))
                    .filter(segment -> !segment.isEmpty())
                    .toList();
            return this;
        }

        /** Hears what clients of the Pusher protocol do. Default: nobody does. */
        public Builder pusherListener(PusherListener listener) {
            this.pusherListener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * How long a client of the Pusher protocol that was silent for its app's activity timeout has to answer a ping.
         * Default: 30 s.
         */
        public Builder pongTimeout(Duration time) {
            this.pongTimeout = Objects.requireNonNull(time, "time");
            return this;
        }

        /** Tells the time, for tests. Default: the system's. */
        Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /**
         * The handler.
         *
         * @throws IllegalArgumentException naming the setting that is wrong
         */
        public PushyHandler build() {
            Publishers known = new Publishers(publishers);
            Draining draining = new Draining();
            Workers workers = new Workers(workerThreads, workerQueue);
            ClientAccess access = new ClientAccess(pushy, origins, queryTokens);
            SessionSettings shared = new SessionSettings(authTimeout, tokenLeeway, workers, clock, draining);
            Forwarding forwarding = new Forwarding(sessions, workers);
            NodeTransports transports = new NodeTransports(
                    pushy,
                    access,
                    shared,
                    transport,
                    apps == null ? null : new PusherSettings(apps, pusherListener, pongTimeout),
                    sockJs,
                    forwarding);
            ApiSettings settings = new ApiSettings(
                    pushy, access, shared, known, tokenTtl, maxTokenTtl, bodyTimeout, transports, apps, pusherPath);
            return new PushyHandler(pushy, new ApiHandler(settings), workers, draining, forwarding);
        }
    }
}
