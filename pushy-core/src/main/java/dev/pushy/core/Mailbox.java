package dev.pushy.core;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one loop. The sequencer offers, the loop polls.
 *
 * <p>Bounded: when it is full it takes nothing more until the loop has noticed, because a message may be missing only where
 * everything behind it is missing too. The loop's connections then recover from the log.
 *
 * <p>Markers do not count: each connection has at most one under way for each partition, and if those that ask when the loop
 * recovers could fill the mailbox, none of them would ever be through.
 */
final class Mailbox {
    private final ConcurrentLinkedQueue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final int capacity;
    private volatile boolean overflowed;

    Mailbox(int capacity) {
        this.capacity = capacity;
    }

    /** Under the sequencer's lock. */
    void offer(Item item) {
        boolean counts = counts(item);
        if (overflowed || (counts && size.get() >= capacity)) {
            overflowed = true;
            return;
        }
        if (counts) {
            size.incrementAndGet();
        }
        items.add(item);
    }

    /** On the loop. */
    @Nullable
    Item poll() {
        Item item = items.poll();
        if (item != null && counts(item)) {
            size.decrementAndGet();
        }
        return item;
    }

    private static boolean counts(Item item) {
        return !(item instanceof Item.Marked);
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    /** Whether something was dropped behind the items that are still there. */
    boolean hasOverflowed() {
        return overflowed;
    }

    /** Takes items again. On the loop, when it has polled all and is about to recover. */
    void reopen() {
        overflowed = false;
    }
}
