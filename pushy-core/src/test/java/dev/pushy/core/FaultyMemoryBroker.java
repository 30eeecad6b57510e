package dev.pushy.core;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A node with a log in memory that plays faults when a test says so; for tests of other modules. Thread-safe. */
public final class FaultyMemoryBroker {
    private final MemoryCluster cluster;
    private final MemoryBroker node;

    /**
     * A node that has not been started.
     *
     * @param network runs one task after the other and stands for the link to the node, or null: publishers call the node
     */
    public FaultyMemoryBroker(int partitions, @Nullable Executor network) {
        cluster = new MemoryCluster(partitions, Duration.ofHours(1), 1L << 28, InstantSource.system());
        node = new MemoryBroker(cluster, network);
    }

    /** What a node is set up with. */
    public Broker node() {
        return node;
    }

    /** Breaks the link; what is under way on it is lost. */
    public void cut() {
        cluster.cut(node.link());
    }

    /** Lets the link come back. */
    public void heal() {
        cluster.heal(node.link());
    }

    /** Nothing is accepted or answered from now on. */
    public void stop() {
        cluster.stop();
    }

    /** After {@link #stop}: comes back as it was. */
    public void startAgain() {
        cluster.startAgain();
    }

    /** After {@link #stop}: comes back with nothing. */
    public void startEmpty() {
        cluster.startEmpty();
    }

    /** Remembers the log as it is. */
    public void snapshot() {
        cluster.snapshot();
    }

    /** After {@link #stop}: comes back as it was at the last {@link #snapshot}. */
    public void startFromSnapshot() {
        cluster.startFromSnapshot();
    }

    /** Forgets the retained messages of a channel, but not their places. */
    public void expire(Channel channel) {
        cluster.expire(channel);
    }

    /** Forgets all places but the last so many of each partition. */
    public void keepIndex(int entries) {
        cluster.keepIndex(entries);
    }
}
