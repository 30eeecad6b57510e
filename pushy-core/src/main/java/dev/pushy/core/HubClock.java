package dev.pushy.core;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The few timers of a node that belong to no loop, on one thread. */
final class HubClock implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HubClock.class.getName());

    private final ScheduledThreadPoolExecutor timer;

    HubClock() {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "pushy-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    /** Runs a short task after this time; never after the clock was closed. */
    EventLoop.Timer after(long millis, Runnable task) {
        try {
            ScheduledFuture<?> scheduled = timer.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    /** Runs a short task again and again. */
    void every(long millis, Runnable task) {
        var unused = timer.scheduleWithFixedDelay(() -> run(task), millis, millis, TimeUnit.MILLISECONDS);
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error failed) {
            LOG.log(System.Logger.Level.WARNING, "a timer's task failed", failed);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
