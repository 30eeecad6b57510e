package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/** The entries of a log from the oldest retained offset to the newest, each found by its offset at once. */
final class LogIndex {
    private @Nullable LogEntry[] ring = new @Nullable LogEntry[1024];
    private long first = 1;
    private long next = 1;

    /** An empty index behind this offset. */
    static LogIndex after(long offset) {
        LogIndex index = new LogIndex();
        index.first = offset + 1;
        index.next = offset + 1;
        return index;
    }

    /** The oldest offset, or the one that the next entry gets if there is none. */
    long first() {
        return first;
    }

    /** The offset that the next entry gets. */
    long next() {
        return next;
    }

    boolean isEmpty() {
        return first == next;
    }

    @Nullable
    LogEntry get(long offset) {
        return offset < first || offset >= next ? null : ring[slot(offset)];
    }

    void add(LogEntry entry) {
        if (entry.offset != next) {
            throw new IllegalStateException("offset " + entry.offset + " where " + next + " is due");
        }
        if (next - first == ring.length) {
            grow();
        }
        ring[slot(next)] = entry;
        next++;
    }

    /** Takes the oldest entry out. */
    LogEntry removeFirst() {
        LogEntry oldest = get(first);
        if (oldest == null) {
            throw new IllegalStateException("the index is empty");
        }
        ring[slot(first)] = null;
        first++;
        return oldest;
    }

    /** The first offset whose message is not older than this, or {@link #next}. */
    long firstSince(long time) {
        long low = first;
        long high = next;
        while (low < high) {
            long middle = (low + high) >>> 1;
            LogEntry entry = get(middle);
            if (entry != null && entry.time < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int slot(long offset) {
        return (int) (offset & (ring.length - 1));
    }

    private void grow() {
        @Nullable LogEntry[] wider = new @Nullable LogEntry[ring.length * 2];
        for (long offset = first; offset < next; offset++) {
            wider[(int) (offset & (wider.length - 1))] = ring[slot(offset)];
        }
        ring = wider;
    }
}
