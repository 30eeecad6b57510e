package dev.pushy.core;

import dev.pushy.core.MessageLog.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects entries from the newest to the oldest within the bounds of a resume. What goes beyond is lost, and said. */
final class ReplaySelection {
    private final int perChannel;
    private final int limit;
    private final boolean tellLost;
    private final Map<Channel, Integer> taken = new HashMap<>();
    private final Set<Channel> lost = new HashSet<>();
    private final List<Entry> entries = new ArrayList<>();
    private int bodies;

    /**
     * Bounds of one resume.
     *
     * @param tellLost false where the client asked for so many messages and misses none
     */
    ReplaySelection(int perChannel, int limit, boolean tellLost) {
        this.perChannel = perChannel;
        this.limit = limit;
        this.tellLost = tellLost;
    }

    /** Takes an entry, or notes that it is lost. False when nothing older can change the result. */
    boolean take(LogEntry entry, long now) {
        Publication body = entry.body(now);
        int before = taken.getOrDefault(entry.channel, 0);
        if (body == null || before >= perChannel || bodies >= limit) {
            lost(entry.offset, entry.channel);
            return tellLost || bodies < limit;
        }
        taken.put(entry.channel, before + 1);
        bodies++;
        entries.add(new Entry(entry.offset, entry.channel, body));
        return true;
    }

    /** Notes that a message of the channel is lost; each channel is named once. */
    void lost(long offset, Channel channel) {
        if (tellLost && lost.add(channel)) {
            entries.add(new Entry(offset, channel, null));
        }
    }

    List<Entry> inOrder() {
        entries.sort((a, b) -> Long.compare(a.offset(), b.offset()));
        return entries;
    }
}
