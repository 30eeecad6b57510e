package dev.pushy.core;

import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.PublishException.Outcome;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of a broker in memory share: the log, the idempotency keys, the revocations, and the links to the nodes.
 *
 * <p>One lock guards it all; append and fan-out happen under it, which makes them one step. A process has one node, whose
 * listener is called right there. Tests connect several nodes, each with an executor that stands for the network: its link
 * is a queue that delivers in order, or breaks and loses what is under way.
 */
final class MemoryCluster {
    private static final System.Logger LOG = System.getLogger(MemoryCluster.class.getName());
    private static final int MAX_KEYS = 1_000_000;
    private static final int MAX_RETAINED = 100_000;

    /** Fair, so that publishers in a closed loop do not keep others from reading. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private final Duration indexAge;
    private final long maxBytes;
    private final InstantSource clock;
    private final List<MemoryLink> links = new ArrayList<>();
    private final Map<IdempotencyKey, KeptReceipt> keys = new LinkedHashMap<>();
    private RetainedMessages retained = new RetainedMessages(MAX_RETAINED);
    private final Set<Revocation> revocations = new LinkedHashSet<>();
    private MemoryLog[] logs;
    private @Nullable Snapshot snapshot;
    private boolean down;
    private boolean closed;
    private @Nullable Outcome failNext;

    MemoryCluster(int partitions, Duration indexAge, long maxBytes, InstantSource clock) {
        this.indexAge = indexAge;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.logs = emptyLogs(partitions);
    }

    private MemoryLog[] emptyLogs(int partitions) {
        MemoryLog[] empty = new MemoryLog[partitions];
        for (int p = 0; p < partitions; p++) {
            empty[p] = new MemoryLog(p, partitions, indexAge, maxBytes / partitions);
        }
        return empty;
    }

    int partitions() {
        return logs.length;
    }

    int partition(Channel channel) {
        return logs.length == 1 ? 0 : Math.floorMod(channel.hashCode(), logs.length);
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
            MemoryLink link = new MemoryLink(logs.length, lock, listener, network);
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
            IdempotencyKey key = IdempotencyKey.of(publication.channel(), options.key());
            Receipt before = key == null ? null : firstReceipt(key, now);
            if (before != null) {
                return new Receipt(before.id(), before.position(), true);
            }
            Publication accepted = options.isLogged() ? append(publication, options, now) : fanOut(publication, now);
            Receipt receipt = new Receipt(accepted.id(), accepted.position(), false);
            if (!options.retain().isZero()) {
                retained.put(accepted, now + options.retain().toMillis(), now);
            }
            if (key != null) {
                keys.put(key, new KeptReceipt(receipt, now + PublishOptions.KEY_LIFE.toMillis()));
            }
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

    private @Nullable Receipt firstReceipt(IdempotencyKey key, long now) {
        var oldest = keys.values().iterator();
        while (oldest.hasNext() && oldest.next().expires <= now) {
            oldest.remove();
        }
        KeptReceipt kept = keys.get(key);
        if (kept == null && keys.size() >= MAX_KEYS) {
            throw new PublishException(
                    Outcome.OVERLOADED,
                    MAX_KEYS + " idempotency keys are remembered, no more fit: publish later, or without a key");
        }
        return kept == null ? null : kept.receipt;
    }

    private Publication append(Publication publication, PublishOptions options, long now) {
        MemoryLog log = logs[partition(publication.channel())];
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
            MemoryLog log = logs[query.partition()];
            LogSlice slice = log.read(query, clock.millis());
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
            Position end = logs[partition].position();
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
            if (logs[partition].vouch(position, setbacks, clock.millis())) {
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
            return logs[partition(channel)].history(channel, query, clock.millis());
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
            return retained.get(channel, clock.millis());
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

    // Faults, for tests.

    /** The next publish ends like this; after UNKNOWN the message was accepted all the same. */
    void failNext(Outcome outcome) {
        lock.lock();
        try {
            failNext = outcome;
        } finally {
            lock.unlock();
        }
    }

    /** Remembers log, idempotency keys and retained messages as they are now. */
    void snapshot() {
        lock.lock();
        try {
            snapshot = new Snapshot(List.of(copyWithoutNewest(0)), new LinkedHashMap<>(keys), retained.copy());
        } finally {
            lock.unlock();
        }
    }

    private MemoryLog[] copyWithoutNewest(int entries) {
        MemoryLog[] copies = logs.clone();
        for (int p = 0; p < copies.length; p++) {
            copies[p] = logs[p].copy(entries);
        }
        return copies;
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

    /** Comes back with what it had. */
    void startAgain() {
        lock.lock();
        try {
            down = false;
            links.forEach(MemoryLink::up);
        } finally {
            lock.unlock();
        }
    }

    /** Comes back with nothing. */
    void startEmpty() {
        lock.lock();
        try {
            logs = emptyLogs(logs.length);
            snapshot = null;
            keys.clear();
            retained.clear();
            startAgain();
        } finally {
            lock.unlock();
        }
    }

    /** Comes back with what it had at the last {@link #snapshot}, or nothing if there was none. */
    void startFromSnapshot() {
        lock.lock();
        try {
            Snapshot kept = snapshot;
            if (kept == null) {
                startEmpty();
                return;
            }
            logs = kept.logs.toArray(MemoryLog[]::new);
            keys.clear();
            keys.putAll(kept.keys);
            retained = kept.retained;
            snapshot();
            startAgain();
        } finally {
            lock.unlock();
        }
    }

    /** Comes back without the newest entries of each partition, as a replica does that was behind. */
    void startWithoutNewest(int entries) {
        lock.lock();
        try {
            logs = copyWithoutNewest(entries);
            keys.values().removeIf(kept -> isLost(kept.receipt.position()));
            retained.removeIf(this::isLost);
            startAgain();
        } finally {
            lock.unlock();
        }
    }

    private boolean isLost(Position position) {
        return position.isLogged() && position.offset() > logs[position.partition()].end();
    }

    /** Breaks the link of one node; what is under way on it is lost. */
    void cut(MemoryLink link) {
        lock.lock();
        try {
            link.down();
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

    /** Loses the next message that goes to this node, and nobody knows. */
    void dropDelivery(MemoryLink link) {
        lock.lock();
        try {
            link.dropNext();
        } finally {
            lock.unlock();
        }
    }

    /** Where a partition ends. */
    Position end(int partition) {
        lock.lock();
        try {
            return logs[partition].position();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a partition has this position, and no other in its place. */
    boolean holds(Position position) {
        lock.lock();
        try {
            MemoryLog log = logs[position.partition()];
            OptionalInt tag = log.tagAt(position.offset());
            return position.epoch() == log.epoch() && tag.isPresent() && tag.getAsInt() == position.tag();
        } finally {
            lock.unlock();
        }
    }

    /** How often a partition is known to have gone back. */
    long setbacks(int partition) {
        lock.lock();
        try {
            return logs[partition].setbacks();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the retained messages of a channel. */
    void expire(Channel channel) {
        lock.lock();
        try {
            logs[partition(channel)].expire(channel);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the oldest entries of each partition but so many. */
    void keepIndex(int entries) {
        lock.lock();
        try {
            for (MemoryLog log : logs) {
                log.keepIndex(entries);
            }
        } finally {
            lock.unlock();
        }
    }

    private record IdempotencyKey(Channel channel, String key) {
        static @Nullable IdempotencyKey of(Channel channel, @Nullable String key) {
            return key == null ? null : new IdempotencyKey(channel, key);
        }
    }

    private record Snapshot(List<MemoryLog> logs, Map<IdempotencyKey, KeptReceipt> keys, RetainedMessages retained) {}

    private record KeptReceipt(Receipt receipt, long expires) {}
}
