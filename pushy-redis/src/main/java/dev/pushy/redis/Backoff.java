package dev.pushy.redis;

import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next attempt: more each time, and each node another time. Not thread-safe. */
final class Backoff {
    private static final long LEAST_MILLIS = 50;

    private final long most;
    private long bound = LEAST_MILLIS;

    Backoff(long mostMillis) {
        this.most = mostMillis;
    }

    /** The next pause, milliseconds: anything up to a bound that doubles. */
    long next() {
        long pause = ThreadLocalRandom.current().nextLong(1, bound + 1);
        bound = Math.min(most, bound * 2);
        return pause;
    }

    void succeeded() {
        bound = LEAST_MILLIS;
    }
}
