package dev.pushy.core;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The local subscriptions of a node, and the broadcast to them. Knows nothing of authentication or wire protocols.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Hub implements AutoCloseable {

    Hub() {}

    /** Takes a connection over from a transport. On the connection's loop. */
    public Subscriber connect(Connection connection, Grant grant, Subscriber.Listener listener) {
        throw Pending.later();
    }

    /** A new connection id: {@code digits.digits}, unguessable, which tells the cluster that this node holds it. */
    public String newConnectionId() {
        throw Pending.later();
    }

    /** Whether a connection of this id would be on this node. */
    public boolean isLocal(String connectionId) {
        throw Pending.later();
    }

    /** The open connection with this id on this node. Any thread; the subscriber itself is its loop's. */
    public Optional<Subscriber> find(String connectionId) {
        throw Pending.later();
    }

    /** How many partitions the broker's log has, 0 without a log. */
    public int partitions() {
        throw Pending.later();
    }

    /** Transports count what they wrote to sockets. Any thread. */
    public void countBytes(long bytes) {
        throw Pending.later();
    }

    /** Transports count publications that they gave up for a slow consumer. Any thread. */
    public void countDropped(int publications) {
        throw Pending.later();
    }

    /** The counters. Any thread. */
    public HubStats stats() {
        throw Pending.later();
    }

    /**
     * Tells each client to come back after a delay of its own within the window, then closes it. Completes when all
     * connections have ended.
     */
    public CompletionStage<Void> drain(Duration window) {
        throw Pending.later();
    }

    @Override
    public void close() {}
}
