package dev.pushy.core;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A node with a log in memory that plays faults when a test says so; for tests of other modules. Thread-safe. */
public final class FaultyMemoryBroker {
    private final MemoryFaults faults;
    private final MemoryBroker node;

    /**
     * A node that has not been started.
     *
     * @param network runs one task after the other and stands for the link to the node, or null: publishers call the node
     */
    public FaultyMemoryBroker(int partitions, @Nullable Executor network) {
        faults = new MemoryFaults(partitions, InstantSource.system());
        node = faults.node(network);
    }

    /** What a node is set up with. */
    public Broker node() {
        return node;
    }

    /** Breaks the link; what is under way on it is lost. */
    public void cut() {
        faults.cut(node.link());
    }

    /** Lets the link come back. */
    public void heal() {
        faults.heal(node.link());
    }

    /** Nothing is accepted or answered from now on. */
    public void stop() {
        faults.stop();
    }

    /** After {@link #stop}: comes back as it was. */
    public void startAgain() {
        faults.startAgain();
    }

    /** After {@link #stop}: comes back with nothing. */
    public void startEmpty() {
        faults.startEmpty();
    }

    /** Remembers the log as it is. */
    public void snapshot() {
        faults.snapshot();
    }

    /** After {@link #stop}: comes back as it was at the last {@link #snapshot}. */
    public void startFromSnapshot() {
        faults.startFromSnapshot();
    }

    /** Forgets the retained messages of a channel, but not their places. */
    public void expire(Channel channel) {
        faults.expire(channel);
    }

    /** Forgets all places but the last so many of each partition. */
    public void keepIndex(int entries) {
        faults.keepIndex(entries);
    }
}
