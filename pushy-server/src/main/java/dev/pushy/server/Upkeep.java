package dev.pushy.server;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Does now and then what must be done beside serving, one thing at a time on a thread of its own. */
final class Upkeep implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Upkeep.class.getName());

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread upkeep = new Thread(task, "pushy-upkeep");
        upkeep.setDaemon(true);
        return upkeep;
    });

    /** Runs a task again and again, with this time between two runs; a run that fails is logged. */
    void every(Duration interval, Runnable task) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (Throwable t) {
                LOG.log(Level.ERROR, "upkeep failed; it goes on in " + interval, t);
            }
        };
        Future<?> unused =
                thread.scheduleWithFixedDelay(guarded, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ends the thread; what runs is interrupted. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
