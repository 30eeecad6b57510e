package dev.pushy.redis;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What the backplane counts. Thread-safe. */
final class Counters {
    final LongAdder calls = new LongAdder();
    final LongAdder exchanges = new LongAdder();
    final LongAdder exchangeNanos = new LongAdder();
    final LongAdder overloads = new LongAdder();
    final LongAdder laneBreaks = new LongAdder();
    final LongAdder linkBreaks = new LongAdder();
    final LongAdder canariesSent = new LongAdder();
    final LongAdder canariesMissed = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder receivedBytes = new LongAdder();

    void exchanged(int count, long nanos) {
        calls.add(count);
        exchanges.increment();
        exchangeNanos.add(nanos);
    }

    /** What was counted so far. */
    BackplaneStats stats(List<Boolean> connected) {
        return new BackplaneStats(
                calls.sum(),
                exchanges.sum(),
                exchangeNanos.sum(),
                overloads.sum(),
                laneBreaks.sum(),
                linkBreaks.sum(),
                canariesSent.sum(),
                canariesMissed.sum(),
                received.sum(),
                receivedBytes.sum(),
                connected);
    }
}
