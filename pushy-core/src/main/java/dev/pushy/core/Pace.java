package dev.pushy.core;

import java.time.Duration;

/**
 * When a loop writes, and how long at a stretch. Confined to the loop.
 *
 * <p>A single event is written as soon as the least gap has passed. Behind several that came together the next ones gather
 * for about as long as these took to hand out and write: where so much is published that it comes in bursts, each write then
 * carries more. A loop that cannot keep up does not wait for more.
 */
final class Pace {
    /** So long a loop writes before reads and timers get their turn. */
    private static final long BUDGET_NANOS = 8_000_000;
    /** The longest gap behind a burst, in least gaps: the operator sets both with one number. */
    private static final int LEAST_GAPS = 4;

    private final HubTimers timers;
    private final long leastGap;

    private boolean underWay;
    private boolean behind;
    private long begun;
    private long deadline;
    private long ended;
    private long gap;

    Pace(Duration leastGap, HubTimers timers) {
        this.timers = timers;
        this.leastGap = leastGap.toNanos();
        this.ended = timers.nanos() - this.leastGap;
        this.gap = this.leastGap;
    }

    /** How long to wait before the next stretch; 0 is now. */
    long waitMillis() {
        if (gap == 0 || underWay) {
            return 0;
        }
        long left = ended + gap - timers.nanos();
        return left <= 0 ? 0 : Math.max(1, left / 1_000_000);
    }

    /** A stretch begins, perhaps the next one of the same run. */
    void begin() {
        long now = timers.nanos();
        if (!underWay) {
            underWay = true;
            behind = false;
            begun = now;
        }
        deadline = now + BUDGET_NANOS;
    }

    /** Whether the stretch has taken long enough. */
    boolean isLate() {
        return timers.nanos() - deadline > 0;
    }

    /** The run leaves something for the next one. */
    void fallBehind() {
        behind = true;
    }

    /** The run is through: so many events are written. Answers the time. */
    long end(int events) {
        long now = timers.nanos();
        boolean gathers = events > 1 && !behind;
        underWay = false;
        ended = now;
        gap = gathers ? Math.max(leastGap, Math.min(now - begun, LEAST_GAPS * leastGap)) : leastGap;
        return now;
    }
}
