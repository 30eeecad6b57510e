package dev.pushy.core;

import dev.pushy.core.MessageLog.Entry;
import dev.pushy.core.MessageLog.LogSlice;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one read of a partition found for one connection, to be written page by page. Confined to the loop. */
final class Replay {
    /** Of more lost channels than this their number is not worth telling: the pattern says it all. */
    private static final int MAX_NAMED = 100;

    private final LogSlice slice;
    private final ArrayDeque<Publication> missed = new ArrayDeque<>();
    private final Set<String> lost = new LinkedHashSet<>();

    Replay(LogSlice slice, List<Entry> wanted) {
        this.slice = slice;
        for (Entry entry : wanted) {
            Publication publication = entry.publication();
            if (publication != null) {
                missed.add(publication);
            } else if (slice.reason() == null) {
                lost.add(entry.channel().name());
            }
        }
    }

    /** Why the whole partition is not proven complete, or null. */
    Gap.@Nullable Reason reason() {
        return slice.reason();
    }

    /** The channels of which messages are lost; too many to name are told by the patterns that asked for them. */
    List<String> lostChannels(List<ChannelPattern> asked) {
        return lost.size() > MAX_NAMED ? Subscriptions.names(asked) : List.copyOf(lost);
    }

    boolean isDone() {
        return missed.isEmpty();
    }

    Publication next() {
        return missed.remove();
    }

    Position end() {
        return slice.end();
    }
}
