package dev.pushy.core;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Leaves that wait for those who do not want to hear of every reconnect: a leave counts only when the grace time has
 * passed, and is void if the member is back by then.
 *
 * <p>When more leaves wait than there is room for, the one that has waited longest is settled before its time. Guarded by
 * the sequencer's lock.
 */
final class PresenceGrace {

    /** Runs tasks later. */
    @FunctionalInterface
    interface Timers {
        /** Runs the task once, after so many milliseconds, under the lock that guards this. */
        EventLoop.Timer schedule(Runnable task, long millis);
    }

    private record Key(Channel channel, String subject) {}

    private record Waiting(Leave leave, long due) {}

    private final long grace;
    private final int limit;
    private final LongSupplier millis;
    private final Timers timers;
    private final Consumer<Leave> settled;
    /** In the order of their time, which is that of their coming since all wait equally long. */
    private final Map<Key, Waiting> waiting = new LinkedHashMap<>();

    private EventLoop.@Nullable Timer timer;
    private boolean closed;

    /**
     * Nobody has left yet.
     *
     * @param grace how long a leave waits; zero: it does not
     * @param limit the most leaves that wait
     * @param millis a clock that never goes back, milliseconds
     * @param settled takes the leaves that count, in order
     */
    PresenceGrace(Duration grace, int limit, LongSupplier millis, Timers timers, Consumer<Leave> settled) {
        this.grace = grace.toMillis();
        this.limit = limit;
        this.millis = millis;
        this.timers = timers;
        this.settled = settled;
    }

    /** A member is back, or new. Whether a leave waited, which is void now. */
    boolean cancel(Channel channel, String subject) {
        return waiting.remove(new Key(channel, subject)) != null;
    }

    /** A member left. One whose leave waits already has the time that is left to it. */
    void add(Leave leave) {
        Key key = new Key(leave.channel(), leave.member().subject());
        if (closed || waiting.containsKey(key)) {
            return;
        }
        if (grace == 0) {
            settled.accept(leave);
            return;
        }
        if (waiting.size() >= limit) {
            settleFirst();
        }
        waiting.put(key, new Waiting(leave, millis.getAsLong() + grace));
        if (timer == null) {
            timer = timers.schedule(this::due, grace);
        }
    }

    /** Settles a leave before its time, if it waits. */
    void settleNow(Channel channel, String subject) {
        Waiting early = waiting.remove(new Key(channel, subject));
        if (early != null) {
            settled.accept(early.leave());
        }
    }

    private void due() {
        timer = null;
        long now = millis.getAsLong();
        while (!waiting.isEmpty() && first().due() <= now) {
            settleFirst();
        }
        if (!waiting.isEmpty()) {
            timer = timers.schedule(this::due, first().due() - now);
        }
    }

    private Waiting first() {
        return waiting.values().iterator().next();
    }

    private void settleFirst() {
        Iterator<Waiting> oldest = waiting.values().iterator();
        Leave leave = oldest.next().leave();
        oldest.remove();
        settled.accept(leave);
    }

    /** How many leaves wait. */
    int waiting() {
        return waiting.size();
    }

    /** Forgets what waits: nobody is told any more. Idempotent. */
    void close() {
        closed = true;
        waiting.clear();
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
