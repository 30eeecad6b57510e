package dev.pushy.redis;

import java.util.concurrent.atomic.LongAdder;

/** What presence counts. Thread-safe. */
final class PresenceCounters {
    private final LongAdder renewals = new LongAdder();
    private final LongAdder fenced = new LongAdder();
    private final LongAdder forgotten = new LongAdder();
    private final LongAdder reaped = new LongAdder();
    private final LongAdder told = new LongAdder();

    void renewed() {
        renewals.increment();
    }

    void fenced() {
        fenced.increment();
    }

    void forgotten() {
        forgotten.increment();
    }

    void reaped(int entries) {
        reaped.add(entries);
    }

    void told(int transitions) {
        told.add(transitions);
    }

    /** What was counted so far. */
    PresenceStats stats(int entries, long outbox) {
        return new PresenceStats(
                renewals.sum(), fenced.sum(), forgotten.sum(), reaped.sum(), told.sum(), entries, outbox);
    }
}
