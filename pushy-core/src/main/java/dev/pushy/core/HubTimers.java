package dev.pushy.core;

/** The timers of a node that belong to no loop. Any thread. */
interface HubTimers extends AutoCloseable {

    /** Runs a short task once, after this time; never after the timers were closed. */
    EventLoop.Timer after(long millis, Runnable task);

    /** Runs a short task again and again. */
    void every(long millis, Runnable task);

    /** The time, milliseconds since 1970. */
    default long millis() {
        return System.currentTimeMillis();
    }

    /** A clock that never goes back, to measure with; nanoseconds. */
    default long nanos() {
        return System.nanoTime();
    }

    @Override
    void close();
}
