package dev.pushy.redis;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Logs a trouble when it begins, now and then while it lasts, and its end; not each time that it is met. Thread-safe. */
final class FaultLog {
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final System.Logger log;
    private @Nullable String last;
    private long loggedAt;

    FaultLog(System.Logger log) {
        this.log = log;
    }

    synchronized void report(String trouble) {
        long now = System.nanoTime();
        if (trouble.equals(last) && now - loggedAt < AGAIN_NANOS) {
            return;
        }
        last = trouble;
        loggedAt = now;
        log.log(System.Logger.Level.WARNING, trouble);
    }

    /** The trouble is over, if there was one. */
    synchronized void over(String message) {
        if (last != null) {
            last = null;
            log.log(System.Logger.Level.INFO, message);
        }
    }
}
