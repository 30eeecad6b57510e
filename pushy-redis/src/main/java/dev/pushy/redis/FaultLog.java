package dev.pushy.redis;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Logs a trouble when it begins, now and then while it lasts, and its end; not each time that it is met. Thread-safe. */
final class FaultLog {
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** Troubles that come in turns are kept apart; of more than so many the oldest is forgotten. */
    private static final int MOST = 16;

    private final System.Logger log;
    private final Map<String, Long> loggedAt = new LinkedHashMap<>();

    FaultLog(System.Logger log) {
        this.log = log;
    }

    synchronized void report(String trouble) {
        long now = System.nanoTime();
        Long before = loggedAt.get(trouble);
        if (before != null && now - before < AGAIN_NANOS) {
            return;
        }
        loggedAt.remove(trouble);
        loggedAt.put(trouble, now);
        if (loggedAt.size() > MOST) {
            loggedAt.remove(loggedAt.keySet().iterator().next());
        }
        log.log(System.Logger.Level.WARNING, trouble);
    }

    /** The trouble is over, if there was one. */
    synchronized void over(String message) {
        if (!loggedAt.isEmpty()) {
            loggedAt.clear();
            log.log(System.Logger.Level.INFO, message);
        }
    }
}
