package dev.pushy.redis;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs short tasks later, one at a time, on a thread of its own. Thread-safe. */
final class Timers {
    private static final System.Logger LOG = System.getLogger(Timers.class.getName());
    private static final long PATIENCE_SECONDS = 5;

    private final ScheduledThreadPoolExecutor timer;

    Timers() {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "pushy-redis-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    /** Runs a task now and then, until what is returned is closed, or all ends. */
    AutoCloseable every(Duration period, Runnable task) {
        try {
            ScheduledFuture<?> scheduled = timer.scheduleWithFixedDelay(
                    () -> run(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closing) {
            return () -> {};
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error failed) {
            LOG.log(System.Logger.Level.WARNING, "a timer's task failed", failed);
        }
    }

    /** Runs a task once. False if all has ended. */
    boolean after(long millis, Runnable task) {
        try {
            var unused = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException closing) {
            return false;
        }
    }

    /** Takes no more tasks and runs those once that wait. */
    void shutDown() {
        timer.shutdown();
    }

    /** Behind {@link #shutDown}: waits until the last task is done. */
    void await() {
        try {
            if (!timer.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
