package dev.pushy.core;

import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A {@link MemoryCluster} that goes away, comes back with less, and loses what is on its links. Thread-safe. */
final class MemoryFaults {
    private static final Duration INDEX_AGE = Duration.ofHours(1);
    private static final long MAX_BYTES = 1L << 28;

    private final MemoryCluster cluster;
    private MemoryState kept;

    MemoryFaults(int partitions, InstantSource clock) {
        cluster = new MemoryCluster(partitions, INDEX_AGE, MAX_BYTES, clock);
        kept = empty();
    }

    private MemoryState empty() {
        return MemoryState.empty(cluster.partitions(), INDEX_AGE, MAX_BYTES);
    }

    MemoryCluster cluster() {
        return cluster;
    }

    /** A node that has not been started, with what stands for the network between; null: publishers call its listener. */
    MemoryBroker node(@Nullable Executor network) {
        return new MemoryBroker(cluster, network);
    }

    /** The next publish ends like this. */
    void failNext(PublishException.Outcome outcome) {
        cluster.failNext(outcome);
    }

    /** Remembers all that is there now. */
    synchronized void snapshot() {
        kept = cluster.locked(state -> state.copy(0));
    }

    /** Goes away: all links break, nothing is accepted or answered. */
    void stop() {
        cluster.stop();
    }

    /** Comes back with what it had. */
    void startAgain() {
        cluster.start(cluster.locked(state -> state));
    }

    /** Comes back with nothing, and forgets the snapshot. */
    synchronized void startEmpty() {
        kept = empty();
        cluster.start(empty());
    }

    /** Comes back with what it had at the last {@link #snapshot}, or nothing if there was none. */
    synchronized void startFromSnapshot() {
        cluster.start(kept.copy(0));
    }

    /** Comes back without the newest entries of each partition, as a replica does that was behind. */
    void startWithoutNewest(int entries) {
        cluster.start(cluster.locked(state -> state.copy(entries)));
    }

    /** Breaks the link of one node; what is under way on it is lost. */
    void cut(MemoryLink link) {
        cluster.locked(state -> {
            link.down();
            return null;
        });
    }

    /** Brings the link of a node up, unless the cluster is away. */
    void heal(MemoryLink link) {
        cluster.heal(link);
    }

    /** Loses the next message that goes to this node, and nobody knows. */
    void dropDelivery(MemoryLink link) {
        cluster.locked(state -> {
            link.dropNext();
            return null;
        });
    }

    /** Where a partition ends. */
    Position end(int partition) {
        return cluster.locked(state -> state.log(partition).position());
    }

    /** How often a partition is known to have gone back. */
    long setbacks(int partition) {
        return cluster.locked(state -> state.log(partition).setbacks());
    }

    /** Whether a partition has this position, and no other in its place. */
    boolean holds(Position position) {
        return cluster.locked(state -> {
            MemoryLog log = state.log(position.partition());
            OptionalInt tag = log.tagAt(position.offset());
            return position.epoch() == log.epoch() && tag.isPresent() && tag.getAsInt() == position.tag();
        });
    }

    /** Forgets the messages of a channel, but not their places. */
    void expire(Channel channel) {
        cluster.locked(state -> {
            state.log(cluster.partition(channel)).expire(channel);
            return null;
        });
    }

    /** Forgets the oldest places of each partition but so many. */
    void keepIndex(int entries) {
        cluster.locked(state -> {
            for (int p = 0; p < state.partitions(); p++) {
                state.log(p).keepIndex(entries);
            }
            return null;
        });
    }
}
