package dev.pushy.redis;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The threads of a backplane, to wait for at its end. Thread-safe. */
final class Workers {
    private static final long PATIENCE_MILLIS = 15_000;
    private static final System.Logger LOG = System.getLogger(Workers.class.getName());

    private final Set<Thread> threads = new HashSet<>();

    Thread start(String name, Runnable task) {
        Thread thread = new Thread(() -> run(task), name);
        thread.setDaemon(true);
        synchronized (this) {
            threads.add(thread);
        }
        thread.start();
        return thread;
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error failed) {
            LOG.log(System.Logger.Level.ERROR, "a thread of the Redis backplane ended, which it must not", failed);
        } finally {
            synchronized (this) {
                threads.remove(Thread.currentThread());
            }
        }
    }

    /** Waits until all have ended, but for the caller itself. */
    void join() {
        long deadline = System.currentTimeMillis() + PATIENCE_MILLIS;
        boolean interrupted = false;
        Thread next = any();
        while (next != null && !interrupted) {
            try {
                next.join(Math.max(1, deadline - System.currentTimeMillis()));
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (System.currentTimeMillis() >= deadline) {
                LOG.log(System.Logger.Level.WARNING, "{0} does not end", next.getName());
                break;
            }
            next = any();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable Thread any() {
        return threads.stream()
                .filter(thread -> thread != Thread.currentThread())
                .findAny()
                .orElse(null);
    }
}
