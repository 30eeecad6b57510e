package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.SessionDirectory;
import io.undertow.client.ClientConnection;
import io.undertow.server.HttpServerExchange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/**
 * Hands requests of sessions that another node has on to that node, so that a load balancer may send them anywhere.
 * Thread-safe.
 *
 * <p>Only for sessions that this node does not know is the directory asked. While that does not answer, a session is taken to
 * be where it was last found, or else to be on this node, as if there were no other. A request that was handed on once is
 * never handed on again.
 */
public final class Forwarding implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Forwarding.class.getName());
    private static final long PATIENCE_MILLIS = 3_000;
    /** Every answer says something within one heartbeat. */
    private static final int SILENT_HEARTBEATS = 2;

    private static final int MANY_SESSIONS = 50_000;
    private static final long WARNING_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[.*]");

    private final SessionDirectory directory;
    private final Executor workers;
    private final ConcurrentHashMap<XnioIoThread, NodeLines> lines = new ConcurrentHashMap<>();
    private final LastKnown lastKnown = new LastKnown(MANY_SESSIONS);
    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private final LongAdder forwarded = new LongAdder();
    private final LongAdder unreachable = new LongAdder();
    private final AtomicLong warnedAt = new AtomicLong(System.nanoTime() - WARNING_NANOS);
    private volatile boolean joined;
    private volatile @Nullable Duration drainWindow;

    /**
     * Hands nothing on before this node has joined the others.
     *
     * @param directory closed with this
     * @param workers find the addresses of nodes that have names
     */
    public Forwarding(SessionDirectory directory, Executor workers) {
        this.directory = Objects.requireNonNull(directory, "directory");
        this.workers = Objects.requireNonNull(workers, "workers");
    }

    /** For a node that is alone. */
    public static Forwarding none() {
        return new Forwarding(SessionDirectory.ALONE, Runnable::run);
    }

    /** Tells the other nodes where this one is, and hands on from now on. Called once. */
    public void join(URI node) {
        directory.start(node);
        joined = true;
    }

    /** How many requests were handed on. */
    public long forwarded() {
        return forwarded.sum();
    }

    /** How many requests could not be handed on because their node could not be reached. */
    public long unreachable() {
        return unreachable.sum();
    }

    /** Ends what is under way, each at a moment of its own within the window: clients go to another node. */
    public void drain(Duration window) {
        drainWindow = window;
        relays.forEach(relay -> endWithin(window, relay));
    }

    private static void endWithin(Duration window, Relay relay) {
        relay.endAfter(ThreadLocalRandom.current().nextLong(window.toMillis() + 1));
    }

    /** The sessions of this node are over for the other nodes. */
    @Override
    public void close() {
        joined = false;
        directory.close();
    }

    /** A session was closed, or was not opened after all. */
    void release(String session) {
        if (joined) {
            directory.release(session);
        }
    }

    /**
     * Goes on here if this node has the session, or if none has it; else the other node answers. Goes on on the IO thread of
     * the exchange, where this is called.
     *
     * @param opens whether this node is to have the session where none has it
     * @param body of the request, which has been read
     */
    void route(Call call, boolean opens, byte[] body, Runnable here) {
        if (!joined) {
            here.run();
            return;
        }
        HttpServerExchange exchange = call.exchange();
        XnioIoThread thread = exchange.getIoThread();
        var unused = ask(call.key(), opens).thenAccept(found -> {
            if (found.isEmpty()) {
                thread.execute(() -> stay(call, opens, here));
            } else if (exchange.getRequestHeaders().contains(Relay.MARK)) {
                thread.execute(() -> guarded(exchange, () -> Replies.notFound(exchange)));
            } else {
                resolve(found.get(), exchange, () -> guarded(exchange, () -> forward(call, found.get(), body)));
            }
        });
    }

    private void stay(Call call, boolean opens, Runnable here) {
        if (!call.exchange().isComplete()) {
            guarded(call.exchange(), here);
        } else if (opens && call.session() == null) {
            release(call.key());
        }
    }

    /** The other node that has the session, if there is one. Completes, and normally. */
    private CompletableFuture<Optional<URI>> ask(String session, boolean opens) {
        CompletionStage<Optional<URI>> asked = opens ? directory.claim(session) : directory.find(session);
        return asked.thenApply(found -> found)
                .toCompletableFuture()
                .orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .handle((found, failure) -> {
                    if (failure != null) {
                        LOG.log(Level.DEBUG, "the directory of sessions does not answer", failure);
                        return lastKnown.of(session);
                    }
                    lastKnown.note(session, found);
                    return found;
                });
    }

    /** Where the node has a name, Java is made to remember its address: to find it may take long. */
    private void resolve(URI node, HttpServerExchange exchange, Runnable then) {
        XnioIoThread thread = exchange.getIoThread();
        if (ADDRESS.matcher(node.getHost()).matches()) {
            thread.execute(then);
            return;
        }
        try {
            workers.execute(() -> {
                try {
                    var unused = InetAddress.getByName(node.getHost());
                } catch (UnknownHostException e) {
                    LOG.log(Level.DEBUG, "a node has no address", e);
                }
                thread.execute(then);
            });
        } catch (RejectedExecutionException e) {
            thread.execute(
                    () -> guarded(exchange, () -> Replies.busy(exchange, "requests of sessions on other nodes")));
        }
    }

    private static void guarded(HttpServerExchange exchange, Runnable task) {
        try {
            if (!exchange.isComplete()) {
                task.run();
            }
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a request could not be handled", e);
            exchange.setStatusCode(500).endExchange();
        }
    }

    private void forward(Call call, URI node, byte[] body) {
        HttpServerExchange exchange = call.exchange();
        NodeLine line =
                lines.computeIfAbsent(exchange.getIoThread(), NodeLines::new).to(node);
        if (line.isFull()) {
            Replies.busy(exchange, "requests of sessions on other nodes");
            return;
        }
        line.take(exchange, new NodeLine.Taker() {
            @Override
            public void onConnected(ClientConnection connection) {
                forwarded.increment();
                Duration patience = call.endpoint().options().heartbeat().multipliedBy(SILENT_HEARTBEATS);
                Relay relay = new Relay(exchange, body, connection, line, relays, patience);
                relay.begin();
                Duration window = drainWindow;
                if (window != null) {
                    endWithin(window, relay);
                }
            }

            @Override
            public void onUnreachable(Exception reason) {
                unreachable.increment();
                warn(node, reason);
                guarded(exchange, () -> Replies.notFound(exchange));
            }
        });
    }

    /** An ended node is none to worry about; a firewall between two that live is. */
    private void warn(URI node, Exception reason) {
        long before = warnedAt.get();
        long now = System.nanoTime();
        if (now - before >= WARNING_NANOS && warnedAt.compareAndSet(before, now)) {
            LOG.log(
                    Level.WARNING,
                    "The node at {0} has a session, but cannot be reached: if it runs, all nodes must be able to connect to"
                            + " it there ({1})",
                    node,
                    String.valueOf(reason.getMessage()));
        } else {
            LOG.log(Level.DEBUG, "a node cannot be reached", reason);
        }
    }
}
