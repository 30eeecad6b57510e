package dev.pushy.undertow.pusher;

import java.util.concurrent.atomic.LongAdder;

/** Counts what becomes of webhooks. Any thread. */
final class WebhookCounters {
    final LongAdder delivered = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder overflowed = new LongAdder();
    final LongAdder discarded = new LongAdder();
    final LongAdder waiting = new LongAdder();

    WebhookStats stats() {
        return new WebhookStats(
                delivered.sum(), failures.sum(), expired.sum(), overflowed.sum(), discarded.sum(), waiting.sum());
    }
}
