package dev.pushy.core;

import java.util.concurrent.Executor;

/**
 * One serial executor of a transport: an IO thread. Tasks run in the order given, one at a time, and one that throws does
 * not stop the loop. A connection belongs to one loop for life.
 */
public interface EventLoop extends Executor {

    /** Whether the calling thread is this loop's. */
    boolean inEventLoop();

    /** Runs a task on the loop, soon. Any thread. */
    @Override
    void execute(Runnable task);

    /**
     * Runs a task on the loop after so many milliseconds, and not before IO that is ready now. Any thread.
     *
     * @return a handle that keeps the task from running if it has not begun
     */
    Timer schedule(Runnable task, long millis);

    /** A task that waits for its time. */
    @FunctionalInterface
    interface Timer {
        /** Keeps the task from running; without effect if it ran. Any thread. */
        void cancel();
    }
}
