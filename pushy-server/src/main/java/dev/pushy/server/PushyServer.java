package dev.pushy.server;

import dev.pushy.core.Pushy;
import dev.pushy.undertow.PushyHandler;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.ResponseCodeHandler;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A running server: the node, its listeners, health and metrics, and the order in which they end.
 *
 * <p>The end: not ready from the first moment on, and no new client; every client is told when to come back, and its
 * connection is closed; then the listeners close, the requests under way are answered; then the members of this node leave,
 * and broker and threads go last. All of it within the drain time.
 */
final class PushyServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PushyServer.class.getName());
    /** Within this time clients come back to the other nodes, each at a moment of its own. */
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);

    private final ServerConfig config;
    private final PusherPart pusher;
    private final Optional<RedisPart> redis;
    private final Readiness readiness = new Readiness();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Pushy pushy;
    private final PushyHandler push;
    private final EventThreads threads;
    private final OpenRequests requests;
    private final @Nullable ServedCertificate certificate;
    private final Listeners listeners;
    private final Upkeep upkeep = new Upkeep();

    private PushyServer(ServerConfig config) {
        this.config = config;
        TlsConfig tls = config.listen().tls();
        this.certificate = tls == null ? null : new ServedCertificate(tls, InstantSource.system());
        this.pusher = new PusherPart(config);
        this.redis = Optional.ofNullable(config.redis()).map(RedisPart::new);
        this.pushy = Wiring.pushy(config, pusher, redis);
        this.push = Wiring.handler(config, pushy, pusher, redis);
        // After all that may refuse the configuration: whoever is refused has no thread to end.
        this.threads = new EventThreads(config.threads().io());
        HttpHandler metrics = new MetricsHandler(
                new PushyCollector(pushy.hub()::stats, () -> state().isReady(), readings()),
                config.metrics().token());
        this.requests = new OpenRequests(new AccessLog(mainRoutes(metrics)));
        this.listeners = new Listeners(config, threads, requests, metricsRoutes(metrics), certificate);
    }

    /**
     * Starts a server.
     *
     * @throws StartException if it cannot listen where it should
     */
    static PushyServer start(ServerConfig config) {
        PushyServer server = new PushyServer(config);
        try {
            server.listeners.start();
        } catch (RuntimeException e) {
            server.end();
            throw ListenFault.of(config, e);
        }
        server.join();
        server.keepUp();
        server.readiness.open();
        return server;
    }

    /** Lets the other nodes, if there may be any, hand on to this one what its sessions are asked. */
    private void join() {
        if (redis.isEmpty()) {
            return;
        }
        Optional<URI> url = Optional.ofNullable(config.nodeUrl()).or(() -> NodeUrl.standard(config.listen(), port()));
        url.ifPresentOrElse(
                node -> {
                    LOG.log(System.Logger.Level.INFO, "The other nodes reach this one at {0}", node);
                    push.join(node);
                },
                () -> LOG.log(
                        System.Logger.Level.WARNING,
                        "node-url is not set, and this node speaks TLS only: requests of SockJS sessions are not handed on,"
                                + " so the load balancer must send all of a session to one node"));
    }

    private List<Reading> readings() {
        List<Reading> readings = new ArrayList<>(pusher.readings());
        redis.ifPresent(part -> {
            readings.addAll(part.readings());
            readings.add(Reading.counter(
                    "pushy_forwarded_requests",
                    "Requests handed on to the node of their session.",
                    push::forwardedRequests));
            readings.add(Reading.counter(
                    "pushy_unreachable_requests",
                    "Requests whose node could not be reached.",
                    push::unreachableRequests));
        });
        if (certificate != null) {
            readings.addAll(certificate.readings());
        }
        return readings;
    }

    private void keepUp() {
        look();
        upkeep.every(config.reloadInterval(), this::look);
    }

    /** Looks whether files have changed that are read again without a restart. */
    private void look() {
        pusher.look();
        if (certificate != null) {
            certificate.look(listeners::identify);
        }
    }

    private HttpHandler mainRoutes(HttpHandler metrics) {
        Map<String, HttpHandler> routes = new HashMap<>(health());
        if (config.metrics().port() == null) {
            routes.put("/metrics", metrics);
        }
        return exchange -> routes.getOrDefault(exchange.getRequestPath(), push).handleRequest(exchange);
    }

    /** What the port of the metrics answers, if there is one. */
    private HttpHandler metricsRoutes(HttpHandler metrics) {
        Map<String, HttpHandler> routes = new HashMap<>(health());
        routes.put("/metrics", metrics);
        return exchange -> routes.getOrDefault(exchange.getRequestPath(), ResponseCodeHandler.HANDLE_404)
                .handleRequest(exchange);
    }

    private Map<String, HttpHandler> health() {
        return Map.of(
                "/health/live", HealthHandler.live(),
                "/health/ready", HealthHandler.ready(this::state));
    }

    private HealthHandler.State state() {
        return HealthHandler.state(readiness.stage(), pushy.isStarted(), pushy.health(), config.readyWithoutBroker());
    }

    /** The port that clients connect to: the one without TLS if there is one. */
    int port() {
        return listeners.port();
    }

    /** The port with TLS. */
    int tlsPort() {
        return listeners.tlsPort();
    }

    /** The port that has the metrics. */
    int metricsPort() {
        return listeners.metricsPort();
    }

    /** Ends the server as described above; a second call waits for the first. */
    @Override
    public void close() {
        if (!readiness.drain()) {
            awaitEnd();
            return;
        }
        long deadline = System.nanoTime() + config.drainTime().toNanos();
        try {
            LOG.log(
                    System.Logger.Level.INFO,
                    "Draining, within {0} s",
                    config.drainTime().toSeconds());
            drainClients(deadline);
            listeners.stop();
            if (!requests.await(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
                LOG.log(System.Logger.Level.WARNING, "The drain time is over with requests unanswered");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end();
            LOG.log(System.Logger.Level.INFO, "Stopped");
            closed.countDown();
        }
    }

    private void drainClients(long deadline) throws InterruptedException {
        Duration window = config.drainTime().dividedBy(2).compareTo(LONGEST_DELAY) < 0
                ? config.drainTime().dividedBy(2)
                : LONGEST_DELAY;
        try {
            push.drain(window)
                    .toCompletableFuture()
                    .get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.log(System.Logger.Level.WARNING, "The drain time is over with clients connected; they are cut off");
        } catch (ExecutionException e) {
            LOG.log(System.Logger.Level.WARNING, "Clients could not be told to go; they are cut off", e.getCause());
        }
    }

    private void awaitEnd() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        upkeep.close();
        listeners.stop();
        push.close();
        pushy.close();
        pusher.close();
        threads.close();
    }
}
