package dev.pushy.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Whether it is known that Redis holds all that the nodes said, and who waits for that. Guarded by the lock of its
 * {@link PresencePartition}.
 */
final class Settling {
    /** Redis has not confirmed this node since something broke. */
    private boolean doubtful = true;
    /** How often the other nodes were given time, and have it still. */
    private int pauses;

    private List<CompletableFuture<?>> waiting = new ArrayList<>();

    void doubt() {
        doubtful = true;
    }

    void confirm() {
        doubtful = false;
    }

    /** The other nodes get time to say again what Redis lost. */
    void pause() {
        pauses++;
    }

    void resume() {
        pauses--;
    }

    void await(CompletableFuture<?> stage) {
        waiting.add(stage);
    }

    boolean isSettled() {
        return !doubtful && pauses == 0;
    }

    /** Those who wait; they are answered, one way or the other. */
    List<CompletableFuture<?>> takeWaiting() {
        List<CompletableFuture<?>> taken = waiting;
        waiting = new ArrayList<>();
        return taken;
    }
}
