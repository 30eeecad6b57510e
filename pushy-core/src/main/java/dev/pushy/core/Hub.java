package dev.pushy.core;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The local subscriptions of a node, and the broadcast to them. Knows nothing of authentication or wire protocols.
 *
 * <p>Each event loop has a shard of its own, made when its first connection comes. Thread-safe; what belongs to a
 * connection is its loop's.
 */
public final class Hub implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Hub.class.getName());
    private static final long CANARY_MILLIS = 5_000;

    private final Limits limits;
    private final ChannelPolicies policies;
    private final List<PushyListener> listeners;
    private final Consumer<Revocation> revoked;
    private final HubTimers timers;
    private final HubCounters counters = new HubCounters();
    private final ConnectionIds ids = new ConnectionIds();
    private final Sequencer sequencer;
    private final Broker broker;
    private final LocalPresence presence;
    private final ConcurrentMap<EventLoop, HubShard> shards = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Subscriber> connections = new ConcurrentHashMap<>();
    private volatile @Nullable CompletableFuture<Void> drained;

    Hub(
            Broker broker,
            PresenceStore store,
            Limits limits,
            ChannelPolicies policies,
            List<PushyListener> listeners,
            HubTimers timers,
            Consumer<Revocation> revoked) {
        this.timers = timers;
        this.limits = limits;
        this.policies = policies;
        this.listeners = List.copyOf(listeners);
        this.revoked = revoked;
        this.broker = broker;
        this.presence = new LocalPresence(store, timers);
        this.sequencer = new Sequencer(broker, store, limits, timers, counters, new Consumers());
        store.start(new Transitions());
        broker.start(sequencer);
        timers.every(CANARY_MILLIS, sequencer::sendCanaries);
    }

    /** Takes a connection over from a transport. On the connection's loop. */
    public Subscriber connect(Connection connection, Grant grant, Subscriber.Listener listener) {
        HubShard shard = shards.computeIfAbsent(connection.loop(), this::makeShard);
        Subscriber subscriber = new Subscriber(this, shard, connection, grant, listener);
        shard.add(subscriber);
        connections.put(connection.id(), subscriber);
        counters.opened(connection);
        tell(observer -> observer.onConnect(connection, grant));
        return subscriber;
    }

    private HubShard makeShard(EventLoop loop) {
        return sequencer.register(index -> new HubShard(loop, index, limits, counters, timers));
    }

    /** A new connection id: {@code digits.digits}, unguessable, which tells the cluster that this node holds it. */
    public String newConnectionId() {
        return ids.next();
    }

    /** Whether a connection of this id would be on this node. */
    public boolean isLocal(String connectionId) {
        return ids.isOurs(connectionId);
    }

    /** The open connection with this id on this node. Any thread; the subscriber itself is its loop's. */
    public Optional<Subscriber> find(String connectionId) {
        return Optional.ofNullable(connections.get(connectionId));
    }

    /** How many partitions the broker's log has, 0 without a log. */
    public int partitions() {
        return sequencer.partitions();
    }

    /** Transports count what they wrote to sockets. Any thread. */
    public void countBytes(long bytes) {
        counters.bytes.add(bytes);
    }

    /** Transports count publications that they gave up for a slow consumer. Any thread. */
    public void countDropped(int publications) {
        counters.dropped.add(publications);
    }

    /** The counters. Any thread. */
    public HubStats stats() {
        return counters.stats(sequencer.interestCount());
    }

    /** Whether the node hears all partitions and has handed out what it missed. Any thread. */
    public boolean isInSync() {
        for (int p = 0; p < sequencer.partitions(); p++) {
            if (!sequencer.feed(p).isInSync()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Tells each client to come back after a delay of its own within the window, and closes it, at once or after the same
     * delay. Completes when all connections have ended.
     */
    public CompletionStage<Void> drain(Duration window) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        drained = done;
        long bound = Math.max(1, window.toMillis());
        onEach(subscriber -> true, subscriber -> {
            long delay = ThreadLocalRandom.current().nextLong(bound);
            subscriber.listener().onDrain(delay);
            closeAfter(subscriber.connection(), subscriber.listener().staysOpen(delay));
        });
        completeIfDrained();
        return done;
    }

    private static void closeAfter(Connection connection, long millis) {
        if (millis == 0) {
            connection.close(CloseReason.DRAIN);
        } else {
            connection.loop().schedule(() -> connection.close(CloseReason.DRAIN), millis);
        }
    }

    private void completeIfDrained() {
        CompletableFuture<Void> waiting = drained;
        if (waiting != null && connections.isEmpty()) {
            waiting.complete(null);
        }
    }

    @Override
    public void close() {
        timers.close();
        sequencer.close();
    }

    // For subscribers and the facade.

    Sequencer sequencer() {
        return sequencer;
    }

    Limits limits() {
        return limits;
    }

    HubCounters counters() {
        return counters;
    }

    long millis() {
        return timers.millis();
    }

    LocalPresence presence() {
        return presence;
    }

    CompletionStage<Optional<Retained>> retained(Channel channel) {
        return broker.retained(channel);
    }

    void onSubscribed(Subscriber subscriber, ChannelPattern pattern) {
        if (!isReserved(pattern)) {
            tell(observer -> observer.onSubscribe(subscriber.connection(), pattern));
        }
    }

    void onUnsubscribed(Subscriber subscriber, ChannelPattern pattern) {
        if (!isReserved(pattern)) {
            tell(observer -> observer.onUnsubscribe(subscriber.connection(), pattern));
        }
    }

    private static boolean isReserved(ChannelPattern pattern) {
        return !pattern.isWildcard() && pattern.channel().isReserved();
    }

    /** Those who listen to a pattern watch; they are no members. */
    boolean hasMembers(ChannelPattern pattern) {
        return !pattern.isWildcard() && policies.of(pattern.channel()).presence();
    }

    void onClosed(Subscriber subscriber, HubShard shard, CloseReason reason) {
        shard.remove(subscriber);
        connections.remove(subscriber.connection().id());
        counters.closed(subscriber.connection(), reason);
        tell(observer -> observer.onDisconnect(subscriber.connection(), subscriber.grant(), reason));
        completeIfDrained();
    }

    void tell(Consumer<PushyListener> call) {
        for (PushyListener listener : listeners) {
            try {
                call.accept(listener);
            } catch (RuntimeException failed) {
                LOG.log(System.Logger.Level.WARNING, "a listener failed", failed);
            }
        }
    }

    /** Does something to each connection that it concerns, on the connection's loop. */
    private void onEach(Predicate<Subscriber> concerned, Consumer<Subscriber> act) {
        for (Subscriber subscriber : connections.values()) {
            if (concerned.test(subscriber)) {
                subscriber.connection().loop().execute(() -> act.accept(subscriber));
            }
        }
    }

    private void end(Predicate<Grant> concerned) {
        onEach(
                subscriber -> concerned.test(subscriber.grant()),
                subscriber -> subscriber.connection().close(CloseReason.REVOKED));
    }

    private final class Consumers implements Sequencer.Consumers {
        @Override
        public void onControl(ControlMessage message) {
            if (message instanceof ControlMessage.Disconnect disconnect) {
                disconnect(disconnect);
            } else if (message instanceof ControlMessage.ChangeStream change) {
                change(change);
            }
        }

        private void disconnect(ControlMessage.Disconnect disconnect) {
            String connection = disconnect.connection();
            if (connection != null) {
                onOne(
                        connection,
                        disconnect.app(),
                        subscriber -> subscriber.connection().close(CloseReason.REVOKED));
            } else if (isSomebody(disconnect.subject())) {
                end(grant ->
                        grant.app().equals(disconnect.app()) && grant.subject().equals(disconnect.subject()));
            }
        }

        /** The empty subject is that of all who have not said who they are, each of whom is somebody else. */
        private boolean isSomebody(@Nullable String subject) {
            return subject != null && !subject.isEmpty();
        }

        private void change(ControlMessage.ChangeStream change) {
            onOne(change.connection(), change.app(), subscriber -> {
                if (isSomebody(change.subject()) && subscriber.grant().subject().equals(change.subject())) {
                    subscriber.listener().onChange(change);
                }
            });
        }

        private void onOne(String connection, String app, Consumer<Subscriber> act) {
            Subscriber subscriber = connections.get(connection);
            if (subscriber != null && subscriber.grant().app().equals(app)) {
                subscriber.connection().loop().execute(() -> act.accept(subscriber));
            }
        }

        @Override
        public void onRevocation(Revocation revocation) {
            revoked.accept(revocation);
            if (revocation.tokenId() != null || isSomebody(revocation.subject())) {
                end(grant -> Revocations.voids(revocation, grant));
            }
        }

        @Override
        public void onOccupancy(Channel channel, int subscribers) {
            presence.occupancy(channel, subscribers);
        }
    }

    private final class Transitions implements PresenceStore.Listener {
        @Override
        public void onPresence(ChannelEvent event) {
            sequencer.onPresence(event);
        }

        @Override
        public void onMarker(Channel channel, long marker) {
            sequencer.onRosterMarker(channel, marker);
        }

        @Override
        public void onLoss() {
            sequencer.onMembersLost();
        }

        @Override
        public CompletionStage<Void> onTransition(PresenceStore.Transition transition) {
            CompletionStage<Void> all = PresenceStore.Transition.DONE;
            for (PushyListener listener : listeners) {
                CompletionStage<Void> one = tell(listener, transition);
                if (all == PresenceStore.Transition.DONE) {
                    all = one;
                } else if (one != PresenceStore.Transition.DONE) {
                    all = all.thenCombine(one, (done, too) -> null);
                }
            }
            return all;
        }

        private CompletionStage<Void> tell(PushyListener listener, PresenceStore.Transition transition) {
            try {
                return Objects.requireNonNull(listener.onTransition(transition), "stage");
            } catch (RuntimeException failed) { // it would fail again
                LOG.log(System.Logger.Level.WARNING, "a listener failed", failed);
                return PresenceStore.Transition.DONE;
            }
        }

        @Override
        public void onClosing() {
            Hub.this.tell(PushyListener::onClosing);
        }
    }
}
