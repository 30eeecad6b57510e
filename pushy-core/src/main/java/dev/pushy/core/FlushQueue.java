package dev.pushy.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The connections that a run has handed something and not flushed yet, each once, and since when its events wait. Confined
 * to the loop.
 */
final class FlushQueue {
    private static final int FLUSHES_BETWEEN_LOOKS = 64;
    private static final int TIMED_EVENTS = 1_024;

    private final Pace pace;
    private final HubCounters counters;
    private final long[] acceptedNanos = new long[TIMED_EVENTS];

    private @Nullable Subscriber[] touched = new @Nullable Subscriber[64];
    private int touchedCount;
    private int flushed;
    private int events;

    FlushQueue(Pace pace, HubCounters counters) {
        this.pace = pace;
        this.counters = counters;
    }

    /** Whether the last run is through. */
    boolean isEmpty() {
        return flushed == touchedCount;
    }

    /** The run hands out this event. */
    void count(PreparedEvent event) {
        if (events < TIMED_EVENTS) {
            acceptedNanos[events] = event.nanos;
        }
        events++;
    }

    /** Has the subscriber's connection flushed at the end of the run. */
    void touch(Subscriber subscriber) {
        if (subscriber.touched) {
            return;
        }
        subscriber.touched = true;
        if (touchedCount == touched.length) {
            touched = Arrays.copyOf(touched, touchedCount * 2);
        }
        touched[touchedCount++] = subscriber;
    }

    /** Flushes in the order touched; whether the run is through, and not only its time is up. */
    boolean flush() {
        while (flushed < touchedCount) {
            Subscriber subscriber = touched[flushed];
            touched[flushed++] = null;
            if (subscriber != null) {
                subscriber.touched = false;
                subscriber.connection().flush();
            }
            if (flushed % FLUSHES_BETWEEN_LOOKS == 0 && flushed < touchedCount && pace.isLate()) {
                return false;
            }
        }
        touchedCount = 0;
        flushed = 0;
        end();
        return true;
    }

    private void end() {
        long now = pace.end(events);
        for (int i = 0; i < Math.min(events, TIMED_EVENTS); i++) {
            counters.latency(now - acceptedNanos[i]);
        }
        events = 0;
    }
}
