package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way to one node: calls in order, or it breaks and loses what is under way. Guarded by the lock of the cluster, but for
 * the side of the node.
 */
final class MemoryLink {
    private static final System.Logger LOG = System.getLogger(MemoryLink.class.getName());
    private static final int MAX_UNDER_WAY = 65_536;

    private final int partitions;
    private final ReentrantLock lock;
    private final Broker.Listener listener;
    private final @Nullable Executor network;
    private final PatternSet interest = new PatternSet();
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private final ArrayDeque<Consumer<Broker.Listener>> underWay = new ArrayDeque<>();
    private boolean up;
    private boolean dropNext;
    /** What the node was told last; it does not hear of a way up that broke before it was told. Of the side of the node. */
    private boolean toldUp;

    MemoryLink(int partitions, ReentrantLock lock, Broker.Listener listener, @Nullable Executor network) {
        this.partitions = partitions;
        this.lock = lock;
        this.listener = listener;
        this.network = network;
    }

    void up() {
        if (up) {
            return;
        }
        up = true;
        List<CompletableFuture<Void>> declared = List.copyOf(waiting);
        send(node -> {
            declared.forEach(this::acknowledged);
            toldUp = true;
            for (int p = 0; p < partitions; p++) {
                node.onLinkUp(p);
            }
        });
    }

    void down() {
        if (!up) {
            return;
        }
        up = false;
        underWay.clear();
        call(node -> {
            if (!toldUp) {
                return;
            }
            toldUp = false;
            for (int p = 0; p < partitions; p++) {
                node.onLinkDown(p);
            }
        });
    }

    void drop() {
        up = false;
        underWay.clear();
        waiting.forEach(stage -> stage.completeExceptionally(new UnavailableException("the broker was closed")));
        waiting.clear();
    }

    boolean isUp() {
        return up;
    }

    /** The node wants these channels; the stage completes on the link, behind what went before. */
    CompletionStage<Void> declare(ChannelPattern pattern) {
        interest.add(pattern);
        CompletableFuture<Void> stage = new CompletableFuture<>();
        waiting.add(stage);
        send(node -> acknowledged(stage));
        return stage;
    }

    private void acknowledged(CompletableFuture<Void> stage) {
        lock.lock();
        try {
            waiting.removeIf(other -> other == stage);
        } finally {
            lock.unlock();
        }
        stage.complete(null);
    }

    void withdraw(ChannelPattern pattern) {
        interest.remove(pattern);
    }

    /** Sends a message if the node wants it. */
    void deliver(Publication accepted, @Nullable Position previous) {
        if (!interest.matches(accepted.channel())) {
            return;
        }
        if (dropNext) {
            dropNext = false;
            return;
        }
        send(node -> node.onPublication(accepted, previous));
    }

    /** Loses the next message, and nobody knows; for tests. */
    void dropNext() {
        dropNext = true;
    }

    void send(Consumer<Broker.Listener> call) {
        if (!up) {
            return;
        }
        if (underWay.size() >= MAX_UNDER_WAY) {
            down();
            up();
            return;
        }
        call(call);
    }

    private void call(Consumer<Broker.Listener> call) {
        if (network == null) {
            accept(call);
            return;
        }
        underWay.add(call);
        network.execute(this::next);
    }

    private void next() {
        Consumer<Broker.Listener> call;
        lock.lock();
        try {
            call = underWay.poll();
        } finally {
            lock.unlock();
        }
        if (call != null) {
            accept(call);
        }
    }

    private void accept(Consumer<Broker.Listener> call) {
        try {
            call.accept(listener);
        } catch (RuntimeException | Error failed) {
            LOG.log(System.Logger.Level.WARNING, "a listener of the broker failed", failed);
        }
    }
}
