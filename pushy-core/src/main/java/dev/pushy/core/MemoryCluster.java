package dev.pushy.core;

import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.PublishException.Outcome;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of a broker in memory share: what it holds, the revocations, and the links to the nodes.
 *
 * <p>One lock guards it all; append and fan-out happen under it, which makes them one step. A process has one node, whose
 * listener is called right there. Tests connect several nodes, each with an executor that stands for the network: its link
 * is a queue that delivers in order, or breaks and loses what is under way.
 */
final class MemoryCluster {
    private static final System.Logger LOG = System.getLogger(MemoryCluster.class.getName());

    /** Fair, so that publishers in a closed loop do not keep others from reading. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private final int partitions;
    private final InstantSource clock;
    private final List<MemoryLink> links = new ArrayList<>();
    private final Set<Revocation> revocations = new LinkedHashSet<>();
    private MemoryState state;
    private boolean down;
    private boolean closed;
    private @Nullable Outcome failNext;

    MemoryCluster(int partitions, Duration indexAge, long maxBytes, InstantSource clock) {
        this.partitions = partitions;
        this.clock = clock;
        this.state = MemoryState.empty(partitions, indexAge, maxBytes);
    }

    int partitions() {
        return partitions;
    }

    int partition(Channel channel) {
        return partitions == 1 ? 0 : Math.floorMod(channel.hashCode(), partitions);
    }

    /**
     * A node whose link is still down; {@link #heal} brings it up.
     *
     * @param network runs one task after the other and takes its time, or null: the listener is called on the publisher's
     *     thread
     */
    MemoryLink connect(Broker.Listener listener, @Nullable Executor network) {
        lock.lock();
        try {
            MemoryLink link = new MemoryLink(partitions, lock, listener, network);
            links.add(link);
            return link;
        } finally {
            lock.unlock();
        }
    }

    void disconnect(MemoryLink link) {
        lock.lock();
        try {
            links.remove(link);
            link.drop();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    Receipt publish(Publication publication, PublishOptions options) {
        lock.lock();
        try {
            refuseIfAway();
            long now = clock.millis();
            Receipt before = state.firstReceipt(publication.channel(), options.key(), now);
            if (before != null) {
                return new Receipt(before.id(), before.position(), true);
            }
            Publication accepted = options.isLogged() ? append(publication, options, now) : fanOut(publication, now);
            Receipt receipt = new Receipt(accepted.id(), accepted.position(), false);
            if (!options.retain().isZero()) {
                state.retained().put(accepted, now + options.retain().toMillis(), now);
            }
            state.keepReceipt(receipt, publication.channel(), options.key(), now);
            if (failNext == Outcome.UNKNOWN) {
                failNext = null;
                throw new PublishException(
                        Outcome.UNKNOWN, "the broker did not answer: publish again with the same key");
            }
            return receipt;
        } finally {
            lock.unlock();
        }
    }

    private void refuseIfAway() {
        if (closed || down) {
            throw new PublishException(Outcome.REJECTED, "the broker is away: publish again later");
        }
        if (failNext != null && failNext != Outcome.UNKNOWN) {
            Outcome outcome = failNext;
            failNext = null;
            throw new PublishException(outcome, "the broker refused the message: publish again later");
        }
    }

    private Publication append(Publication publication, PublishOptions options, long now) {
        MemoryLog log = state.log(partition(publication.channel()));
        Position previous = log.previous(publication.channel());
        Publication accepted = log.append(publication, options, now);
        deliver(accepted, previous);
        return accepted;
    }

    private Publication fanOut(Publication publication, long now) {
        Publication accepted = publication.acceptedLive(now);
        deliver(accepted, null);
        return accepted;
    }

    private void deliver(Publication accepted, @Nullable Position previous) {
        for (MemoryLink link : links) {
            link.deliver(accepted, previous);
        }
    }

    CompletionStage<Void> subscribe(MemoryLink link, ChannelPattern interest) {
        lock.lock();
        try {
            return link.declare(interest);
        } finally {
            lock.unlock();
        }
    }

    CompletionStage<Void> unsubscribe(MemoryLink link, ChannelPattern interest) {
        lock.lock();
        try {
            link.withdraw(interest);
            return CompletableFuture.completedFuture(null);
        } finally {
            lock.unlock();
        }
    }

    LogSlice read(MemoryLink link, LogQuery query) {
        lock.lock();
        try {
            requireUp(link);
            LogSlice slice = state.log(query.partition()).read(query, clock.millis());
            link.send(listener -> listener.onMarker(query.marker(), slice.end()));
            return slice;
        } finally {
            lock.unlock();
        }
    }

    void mark(MemoryLink link, int partition, long marker) {
        lock.lock();
        try {
            requireUp(link);
            Position end = state.log(partition).position();
            link.send(listener -> listener.onMarker(marker, end));
        } finally {
            lock.unlock();
        }
    }

    void vouch(Position position, long setbacks) {
        lock.lock();
        try {
            if (closed || down) {
                throw new UnavailableException("the broker is away: try again later");
            }
            int partition = position.partition();
            if (state.log(partition).vouch(position, setbacks, clock.millis())) {
                toAll(listener -> listener.onSetback(partition));
            }
        } finally {
            lock.unlock();
        }
    }

    private void requireUp(MemoryLink link) {
        if (closed || down || !link.isUp()) {
            throw new UnavailableException("the broker is away: try again later");
        }
    }

    HistoryPage history(Channel channel, HistoryQuery query) {
        lock.lock();
        try {
            if (closed || down) {
                throw new UnavailableException("the broker is away: try again later");
            }
            return state.log(partition(channel)).history(channel, query, clock.millis());
        } finally {
            lock.unlock();
        }
    }

    Optional<Retained> retained(Channel channel) {
        lock.lock();
        try {
            if (closed || down) {
                throw new UnavailableException("the broker is away: try again later");
            }
            return state.retained().get(channel, clock.millis());
        } finally {
            lock.unlock();
        }
    }

    void toAll(Consumer<Broker.Listener> call) {
        lock.lock();
        try {
            for (MemoryLink link : links) {
                link.send(call);
            }
        } finally {
            lock.unlock();
        }
    }

    void revoke(Revocation revocation) {
        lock.lock();
        try {
            revocations.add(revocation);
            dropVoidRevocations();
            toAll(listener -> listener.onRevocation(revocation));
        } finally {
            lock.unlock();
        }
    }

    private void dropVoidRevocations() {
        long now = clock.millis() / 1000;
        revocations.removeIf(kept -> kept.until() <= now);
    }

    List<Revocation> revocations() {
        lock.lock();
        try {
            dropVoidRevocations();
            return List.copyOf(revocations);
        } finally {
            lock.unlock();
        }
    }

    void reconnect(MemoryLink link, int partition) {
        lock.lock();
        try {
            if (link.isUp() && !down) {
                LOG.log(System.Logger.Level.WARNING, "a message of partition {0} is missing, reading again", partition);
                link.down();
                link.up();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Brings the link of a node up, unless the cluster is away. */
    void heal(MemoryLink link) {
        lock.lock();
        try {
            if (!down) {
                link.up();
            }
        } finally {
            lock.unlock();
        }
    }

    // For tests.

    /** Does something while nothing else happens. */
    <T extends @Nullable Object> T locked(Function<MemoryState, T> action) {
        lock.lock();
        try {
            return action.apply(state);
        } finally {
            lock.unlock();
        }
    }

    /** Goes away: all links break, nothing is accepted or answered. */
    void stop() {
        lock.lock();
        try {
            down = true;
            links.forEach(MemoryLink::down);
        } finally {
            lock.unlock();
        }
    }

    /** Comes back, with this. */
    void start(MemoryState with) {
        lock.lock();
        try {
            state = with;
            down = false;
            links.forEach(MemoryLink::up);
        } finally {
            lock.unlock();
        }
    }

    /** The next publish ends like this; after UNKNOWN the message was accepted all the same. */
    void failNext(Outcome outcome) {
        lock.lock();
        try {
            failNext = outcome;
        } finally {
            lock.unlock();
        }
    }
}
