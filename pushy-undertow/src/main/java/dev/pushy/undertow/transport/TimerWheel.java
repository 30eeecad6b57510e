package dev.pushy.undertow.transport;

import java.lang.System.Logger.Level;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one loop: a hashed wheel of intrusive lists. Setting, moving and cancelling a timer is a few pointer
 * writes whatever their number, and a connection needs no object beside itself. Confined to the loop.
 *
 * <p>A timer fires in the first tick at or after its time, never before. While no timer is set the wheel stands still and
 * asks for no ticks.
 */
final class TimerWheel {
    private static final System.Logger LOG = System.getLogger(TimerWheel.class.getName());

    static final int TICK_MILLIS = 100;
    private static final int SLOTS = 512;
    private static final int DUE = SLOTS;
    private static final int UNSET = -1;
    private static final long NANOS = TICK_MILLIS * 1_000_000L;

    /** Something with at most one timer. */
    abstract static class Entry {
        private @Nullable Entry next;
        private @Nullable Entry previous;
        private int slot = UNSET;
        private int at;

        /** The time has come; the timer is no longer set. On the loop. */
        abstract void onTime();
    }

    private final @Nullable Entry[] heads = new @Nullable Entry[SLOTS + 1];
    private final LongSupplier nanos;
    private final Runnable wake;
    private final long start;
    private int now;
    private int size;
    private boolean ticking;

    /**
     * Makes a wheel.
     *
     * @param nanos a monotonic clock
     * @param wake asks that {@link #tick} be called {@link #TICK_MILLIS} from now
     */
    TimerWheel(LongSupplier nanos, Runnable wake) {
        this.nanos = nanos;
        this.wake = wake;
        this.start = nanos.getAsLong();
    }

    /** Sets the timer of {@code entry}, or moves it. */
    void set(Entry entry, long millis) {
        cancel(entry);
        if (!ticking) {
            ticking = true;
            now = present();
            wake.run();
        }
        // Rounded up, and one more because the present tick has begun.
        long ticks = (Math.max(0, millis) + TICK_MILLIS - 1) / TICK_MILLIS + 1;
        entry.at = present() + (int) Math.min(ticks, Integer.MAX_VALUE / 2);
        link(entry, entry.at & (SLOTS - 1));
        size++;
    }

    /** Unsets the timer of {@code entry}, if it is set. */
    void cancel(Entry entry) {
        if (entry.slot != UNSET) {
            unlink(entry);
            size--;
        }
    }

    /** Fires what is due. */
    void tick() {
        int until = present();
        while (now - until < 0) {
            now++;
            collect(now);
            Entry entry = heads[DUE];
            while (entry != null) {
                cancel(entry);
                fire(entry);
                entry = heads[DUE];
            }
        }
        if (size > 0) {
            wake.run();
        } else {
            ticking = false;
        }
    }

    private static void fire(Entry entry) {
        try {
            entry.onTime();
        } catch (Throwable t) {
            LOG.log(Level.ERROR, "a timer failed", t);
        }
    }

    /** How many timers are set. */
    int size() {
        return size;
    }

    private int present() {
        return (int) ((nanos.getAsLong() - start) / NANOS);
    }

    private void collect(int tick) {
        Entry entry = heads[tick & (SLOTS - 1)];
        while (entry != null) {
            Entry following = entry.next;
            if (entry.at == tick) {
                unlink(entry);
                link(entry, DUE);
            }
            entry = following;
        }
    }

    private void link(Entry entry, int slot) {
        Entry head = heads[slot];
        entry.slot = slot;
        entry.next = head;
        entry.previous = null;
        if (head != null) {
            head.previous = entry;
        }
        heads[slot] = entry;
    }

    private void unlink(Entry entry) {
        Entry before = entry.previous;
        Entry after = entry.next;
        if (before == null) {
            heads[entry.slot] = after;
        } else {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        entry.next = null;
        entry.previous = null;
        entry.slot = UNSET;
    }
}
