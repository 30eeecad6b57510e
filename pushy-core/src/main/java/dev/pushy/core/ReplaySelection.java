package dev.pushy.core;

import dev.pushy.core.MessageLog.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects entries from the newest to the oldest within the bounds of a resume. What goes beyond is lost, and said. One rule
 * for all brokers that keep a log. Not thread-safe.
 */
public final class ReplaySelection {
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
     * @param perChannel the most messages of one channel
     * @param limit the most messages in all
     * @param tellLost false where the client asked for so many messages and misses none
     */
    public ReplaySelection(int perChannel, int limit, boolean tellLost) {
        this.perChannel = perChannel;
        this.limit = limit;
        this.tellLost = tellLost;
    }

    /**
     * Takes an entry, or notes that it is lost.
     *
     * @param body the message, or null if it is not retained any more
     * @return false when nothing older can change the result
     */
    public boolean take(long offset, Channel channel, @Nullable Publication body) {
        int before = taken.getOrDefault(channel, 0);
        if (body == null || before >= perChannel || bodies >= limit) {
            lost(offset, channel);
            return tellLost || bodies < limit;
        }
        taken.put(channel, before + 1);
        bodies++;
        entries.add(new Entry(offset, channel, body));
        return true;
    }

    /** Notes that a message of the channel is lost; each channel is named once. */
    public void lost(long offset, Channel channel) {
        if (tellLost && lost.add(channel)) {
            entries.add(new Entry(offset, channel, null));
        }
    }

    /** What was taken, and one entry without a message for each channel that lost some, in the order of their offsets. */
    public List<Entry> inOrder() {
        entries.sort((a, b) -> Long.compare(a.offset(), b.offset()));
        return entries;
    }
}
