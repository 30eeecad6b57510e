package dev.pushy.core;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Settles joins and leaves for those who do not want to hear of every reconnect: a leave counts only when the grace time
 * has passed, and a member that is back by then has neither left nor joined.
 *
 * <p>When more leaves wait than there is room for, the one that has waited longest is settled before its time.
 *
 * <p>Thread-safe. What is settled is handed on under the lock of this, since a leave that is due must not be overtaken by
 * the join that follows it: whoever takes it must not call back, and whoever calls this must not hold a lock that the
 * taker needs.
 */
final class PresenceGrace implements AutoCloseable {

    /** Runs tasks later. */
    @FunctionalInterface
    interface Timers {
        /** Runs the task once, after so many milliseconds, on any thread. */
        EventLoop.Timer schedule(Runnable task, long millis);
    }

    private record Key(Channel channel, String subject) {}

    private record Waiting(Leave leave, long due) {}

    private final long grace;
    private final int limit;
    private final LongSupplier millis;
    private final Timers timers;
    private final Consumer<ChannelEvent> settled;

    private final ReentrantLock lock = new ReentrantLock();
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
     * @param settled takes settled joins and leaves, in order
     */
    PresenceGrace(Duration grace, int limit, LongSupplier millis, Timers timers, Consumer<ChannelEvent> settled) {
        this.grace = grace.toMillis();
        this.limit = limit;
        this.millis = millis;
        this.timers = timers;
        this.settled = settled;
    }

    /** Takes what just happened. A settled event, or a publication, is of no interest here. */
    void onEvent(ChannelEvent event) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (event instanceof Join join && !join.settled()) {
                join(join);
            } else if (event instanceof Leave leave && !leave.settled()) {
                leave(leave);
            }
        } finally {
            lock.unlock();
        }
    }

    private void join(Join join) {
        boolean back = waiting.remove(new Key(join.channel(), join.member().subject())) != null;
        if (!back) {
            settled.accept(new Join(join.channel(), join.member(), true));
        }
    }

    private void leave(Leave leave) {
        if (grace == 0) {
            settle(leave);
            return;
        }
        Key key = new Key(leave.channel(), leave.member().subject());
        if (waiting.containsKey(key)) {
            return; // told twice
        }
        if (waiting.size() >= limit) {
            settleFirst();
        }
        waiting.put(key, new Waiting(leave, millis.getAsLong() + grace));
        if (timer == null) {
            timer = timers.schedule(this::due, grace);
        }
    }

    private void due() {
        lock.lock();
        try {
            timer = null;
            if (closed) {
                return;
            }
            long now = millis.getAsLong();
            while (!waiting.isEmpty() && first().due() <= now) {
                settleFirst();
            }
            if (!waiting.isEmpty()) {
                timer = timers.schedule(this::due, first().due() - now);
            }
        } finally {
            lock.unlock();
        }
    }

    private Waiting first() {
        return waiting.values().iterator().next();
    }

    private void settleFirst() {
        Iterator<Waiting> oldest = waiting.values().iterator();
        Leave leave = oldest.next().leave();
        oldest.remove();
        settle(leave);
    }

    private void settle(Leave leave) {
        settled.accept(new Leave(leave.channel(), leave.member(), true));
    }

    /** How many leaves wait. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what waits: nobody is told any more. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            if (timer != null) {
                timer.cancel();
                timer = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
