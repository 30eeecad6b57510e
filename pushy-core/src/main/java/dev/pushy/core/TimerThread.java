package dev.pushy.core;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The few timers of a node that belong to no loop, on one thread. */
final class TimerThread implements HubTimers {
    private static final System.Logger LOG = System.getLogger(TimerThread.class.getName());

    private final ScheduledThreadPoolExecutor timer;

    TimerThread() {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "pushy-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    @Override
    public EventLoop.Timer after(long millis, Runnable task) {
        try {
            ScheduledFuture<?> scheduled = timer.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    @Override
    public void every(long millis, Runnable task) {
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
