package dev.pushy.core;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Brokers and presence stores of several nodes that share one log and one presence in memory, for tests with more nodes. */
public final class MemoryNodes implements AutoCloseable {
    private final List<ExecutorService> networks = new ArrayList<>();
    private final MemoryFaults faults = new MemoryFaults(1, InstantSource.system());
    private final MemoryPresence presence = new MemoryPresence(System::currentTimeMillis);

    /** The broker of another node. */
    public Broker broker() {
        ExecutorService network = Executors.newSingleThreadExecutor();
        networks.add(network);
        return faults.node(network);
    }

    /** The presence store of another node. */
    public PresenceStore presence() {
        return presence.node();
    }

    /** The other nodes take the node of this store for dead, as if it had not been heard for long. */
    public static void endLease(PresenceStore store) {
        ((MemoryPresenceStore) store).endLease();
    }

    /** No broker answers, and none hears anything, until {@link #resume}. */
    public void pause() {
        faults.stop();
    }

    /** See {@link #pause}. */
    public void resume() {
        faults.startAgain();
    }

    /** The log is lost and begins anew. */
    public void restartEmpty() {
        faults.stop();
        faults.startEmpty();
    }

    @Override
    public void close() {
        networks.forEach(ExecutorService::shutdownNow);
    }
}
