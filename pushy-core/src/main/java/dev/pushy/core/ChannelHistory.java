package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@link MemoryLog} keeps of one channel as long as the index has an entry of it. */
final class ChannelHistory {
    /** Entries that have their body, oldest first. */
    private final ArrayDeque<LogEntry> retained = new ArrayDeque<>(4);
    /** How many entries of the channel the index has. */
    private int indexed;
    /** The last message, which the next one names as the one before it. */
    private @Nullable LogEntry last;
    /** The newest offset whose body was given up, or 0. */
    private long lastDropped;

    void add(LogEntry entry) {
        retained.addLast(entry);
        indexed++;
        last = entry;
    }

    /** Gives up the oldest bodies beyond so many, and says how many bytes that frees. */
    int keep(int size) {
        int freed = 0;
        while (retained.size() > size) {
            freed += drop(retained.removeFirst());
        }
        return freed;
    }

    /** Gives up the bodies that are older than this time, and says how many bytes that frees. */
    int keepSince(long time) {
        int freed = 0;
        LogEntry oldest = retained.peekFirst();
        while (oldest != null && oldest.time < time) {
            freed += drop(retained.removeFirst());
            oldest = retained.peekFirst();
        }
        return freed;
    }

    private int drop(LogEntry entry) {
        lastDropped = entry.offset;
        return entry.dropBody();
    }

    /** The index lost its oldest entry of this channel. Says whether that was the last. */
    boolean removeOldest(LogEntry entry) {
        if (retained.peekFirst() == entry) {
            retained.removeFirst();
        }
        indexed--;
        return indexed == 0;
    }

    /** After entries without a body were added, as in a copy: only those with one count as retained. */
    void keepBodies() {
        for (LogEntry entry : retained) {
            if (!entry.hasBody()) {
                lastDropped = Math.max(lastDropped, entry.offset);
            }
        }
        retained.removeIf(entry -> !entry.hasBody());
    }

    @Nullable
    LogEntry last() {
        return last;
    }

    long lastDropped() {
        return lastDropped;
    }

    /** Adds the retained entries behind an offset, newest first. */
    void retainedAfter(long offset, List<LogEntry> found) {
        Iterator<LogEntry> newestFirst = retained.descendingIterator();
        while (newestFirst.hasNext()) {
            LogEntry entry = newestFirst.next();
            if (entry.offset <= offset) {
                return;
            }
            found.add(entry);
        }
    }

    /** Entries that have their body, oldest first. */
    ArrayDeque<LogEntry> retained() {
        return retained;
    }
}
