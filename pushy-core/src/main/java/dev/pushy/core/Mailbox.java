package dev.pushy.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one loop. The sequencer offers, the loop polls.
 *
 * <p>Bounded: when it is full it takes nothing more until the loop has noticed, because a message may be missing only where
 * everything behind it is missing too. The loop's connections then recover from the log.
 *
 * <p>Of the joins and leaves that are dropped it keeps what remains of them: who has joined and left again has done neither.
 * That is bounded by the node's rosters.
 *
 * <p>Markers and rosters do not count: each connection has at most one under way for each partition and channel that it
 * asked for, and if those that ask when the loop recovers could fill the mailbox, none of them would ever be through.
 */
final class Mailbox {
    private final ConcurrentLinkedQueue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final int capacity;
    private volatile boolean overflowed;
    private final Map<Key, PreparedEvent> members = new LinkedHashMap<>();

    Mailbox(int capacity) {
        this.capacity = capacity;
    }

    /** Under the sequencer's lock. */
    void offer(Item item) {
        boolean counts = counts(item);
        if (overflowed || (counts && size.get() >= capacity)) {
            lose(item);
            return;
        }
        if (counts) {
            size.incrementAndGet();
        }
        items.add(item);
    }

    private synchronized void lose(Item item) {
        overflowed = true;
        if (item instanceof PreparedEvent event && event.isOfRoster()) {
            MemberEvent happened = (MemberEvent) event.event;
            Key key = new Key(happened.channel(), happened.member().subject(), happened.settled());
            if (members.remove(key) == null) {
                members.put(key, event);
            }
        }
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
        return !(item instanceof Item.Marked || item instanceof Item.Rostered);
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    /** Whether something was dropped behind the items that are still there. */
    boolean hasOverflowed() {
        return overflowed;
    }

    /**
     * Takes items again. On the loop, when it has polled all and is about to recover.
     *
     * @return what became of the members meanwhile, which is not in the log
     */
    synchronized List<PreparedEvent> reopen() {
        overflowed = false;
        List<PreparedEvent> net = List.copyOf(members.values());
        members.clear();
        return net;
    }

    private record Key(Channel channel, String subject, boolean settled) {}
}
