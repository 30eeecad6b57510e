package dev.pushy.core;

import dev.pushy.core.MessageLog.Branch;
import dev.pushy.core.MessageLog.Entry;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One partition in memory: the order of its messages and what is retained of them. Guarded by the lock of its owner.
 *
 * <p>Bounded in time and in bytes: the index forgets what is older than {@code indexAge}, and when the bytes run out the
 * oldest entries go first. Who resumes from before that is told of a gap.
 */
final class MemoryLog implements CursorCheck.Facts {
    private final int partition;
    private final int partitions;
    private final Duration indexAge;
    private final long maxBytes;
    private final int epoch;
    private final LogIndex index;
    private final Map<Channel, ChannelHistory> channels = new HashMap<>();
    private int endTag;
    private long bytes;
    private long setbacks;
    private long setback;

    MemoryLog(int partition, int partitions, Duration indexAge, long maxBytes) {
        this(partition, partitions, indexAge, maxBytes, randomTag(), 0, 0);
    }

    private MemoryLog(
            int partition, int partitions, Duration indexAge, long maxBytes, int epoch, long behind, int endTag) {
        this.partition = partition;
        this.partitions = partitions;
        this.indexAge = indexAge;
        this.maxBytes = maxBytes;
        this.epoch = epoch;
        this.index = LogIndex.after(behind);
        this.endTag = endTag;
    }

    private static int randomTag() {
        return ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    }

    /** The same log as it is now but for its newest entries, to go on from later. */
    MemoryLog copy(long withoutNewest) {
        long last = Math.max(index.first() - 1, end() - withoutNewest);
        LogEntry end = index.get(last);
        int tag = last == end() ? endTag : end == null ? 0 : end.tag;
        MemoryLog copy = new MemoryLog(partition, partitions, indexAge, maxBytes, epoch, index.first() - 1, tag);
        for (long offset = index.first(); offset <= last; offset++) {
            LogEntry entry = index.get(offset);
            if (entry != null) {
                LogEntry twin = entry.copy();
                copy.index.add(twin);
                copy.bytes += twin.bytes();
                if (twin.channel == null) {
                    copy.setback = offset;
                } else {
                    copy.history(twin.channel).add(twin);
                }
            }
        }
        copy.setbacks = setbacks;
        for (long offset = last + 1; offset <= end(); offset++) {
            LogEntry lost = index.get(offset);
            copy.setbacks -= lost != null && lost.channel == null ? 1 : 0;
        }
        for (ChannelHistory history : copy.channels.values()) {
            history.keepBodies();
        }
        return copy;
    }

    /** Gives a message its place. The position of the channel's message before it is in {@link #previous}. */
    Publication append(Publication publication, PublishOptions options, long now) {
        Position place = new Position(partition, epoch, index.next(), randomTag());
        Publication accepted = publication.accepted(place, partitions, now);
        Duration life = options.ttl().compareTo(options.historyAge()) < 0 ? options.ttl() : options.historyAge();
        LogEntry entry = new LogEntry(accepted, now + life.toMillis());
        index.add(entry);
        endTag = entry.tag;
        ChannelHistory history = history(publication.channel());
        history.add(entry);
        bytes += LogEntry.OVERHEAD + publication.data().length;
        bytes -= history.keep(options.historySize());
        bytes -= history.keepSince(now - options.historyAge().toMillis());
        trim(now);
        return accepted;
    }

    /**
     * See {@link MessageLog#vouch}.
     *
     * @return whether there is a setback now that was not there before
     */
    boolean vouch(Position position, long known, long now) {
        boolean missing = CursorCheck.isMissing(position, this)
                || (position.epoch() == epoch && position.offset() == end() && position.tag() != endTag);
        if (!missing || setbacks > known) {
            return false;
        }
        LogEntry entry = new LogEntry(index.next(), randomTag(), now);
        index.add(entry);
        endTag = entry.tag;
        bytes += LogEntry.OVERHEAD;
        setback = entry.offset;
        setbacks = known + 1;
        return true;
    }

    private ChannelHistory history(Channel channel) {
        return channels.computeIfAbsent(channel, name -> new ChannelHistory());
    }

    /** The position of the last message of a channel, or null if the log knows none. */
    @Nullable
    Position previous(Channel channel) {
        ChannelHistory history = channels.get(channel);
        LogEntry last = history == null ? null : history.last();
        return last == null ? null : new Position(partition, epoch, last.offset, last.tag);
    }

    private void trim(long now) {
        long oldest = now - indexAge.toMillis();
        LogEntry first = index.get(index.first());
        while (first != null && (first.time < oldest || bytes > maxBytes)) {
            removeFirst();
            first = index.get(index.first());
        }
    }

    private void removeFirst() {
        LogEntry entry = index.removeFirst();
        Channel channel = entry.channel;
        ChannelHistory history = channel == null ? null : channels.get(channel);
        if (history != null && history.removeOldest(entry)) {
            channels.remove(channel);
        }
        bytes -= LogEntry.OVERHEAD + entry.dropBody();
    }

    /** Forgets all bodies of a channel, as a store does whose key has expired. */
    void expire(Channel channel) {
        ChannelHistory history = channels.get(channel);
        if (history != null) {
            bytes -= history.keep(0);
        }
    }

    /** Forgets the oldest entries but so many, bodies and index both. */
    void keepIndex(int entries) {
        while (index.next() - index.first() > entries) {
            removeFirst();
        }
    }

    Position position() {
        return new Position(partition, epoch, end(), endTag);
    }

    @Override
    public int epoch() {
        return epoch;
    }

    @Override
    public long end() {
        return index.next() - 1;
    }

    @Override
    public int endTag() {
        return endTag;
    }

    @Override
    public long first() {
        return index.first();
    }

    @Override
    public OptionalInt tagAt(long offset) {
        LogEntry entry = index.get(offset);
        return entry == null ? OptionalInt.empty() : OptionalInt.of(entry.tag);
    }

    /** How often it is known to have gone back. */
    long setbacks() {
        return setbacks;
    }

    @Override
    public long setback() {
        return setback;
    }

    /** Reads up to the end. */
    LogSlice read(LogQuery query, long now) {
        Gap.Reason reason = null;
        Branch branch = null;
        long lower;
        if (query.start() instanceof MessageLog.Start.After after) {
            reason = CursorCheck.reason(after.position(), this);
            lower = after.position().offset();
            if (reason == Gap.Reason.RESET) {
                lower = 0;
            } else if (reason == Gap.Reason.FORK || reason == Gap.Reason.AHEAD) {
                branch = CursorCheck.branch(after.position(), query.ring(), this);
                lower = branch.lastCommon() >= 0 ? branch.lastCommon() : branch.firstNew() - 1;
            }
        } else if (query.start() instanceof MessageLog.Start.Unknown) {
            reason = Gap.Reason.RESET;
            lower = 0;
        } else if (query.start() instanceof MessageLog.Start.FromTime from) {
            lower = index.firstSince(from.time()) - 1;
            reason = trimmedSince(from.time()) ? Gap.Reason.EXPIRED : setback > lower ? Gap.Reason.FORK : null;
        } else if (query.start() instanceof MessageLog.Start.Last) {
            lower = 0;
        } else {
            lower = end();
        }
        return new LogSlice(position(), reason, branch, entries(query, lower, now), setbacks);
    }

    private boolean trimmedSince(long time) {
        LogEntry oldest = index.get(index.first());
        return index.first() > 1 && oldest != null && oldest.time >= time;
    }

    /** Walks back from the end, so that of too many the newest are kept; of the others each channel is named once. */
    private List<Entry> entries(LogQuery query, long lower, long now) {
        boolean last = query.start() instanceof MessageLog.Start.Last;
        int limit = query.start() instanceof MessageLog.Start.Last start
                ? Math.min(start.messages(), query.limit())
                : query.limit();
        ReplaySelection selection = new ReplaySelection(query.perChannel(), limit, !last);
        PatternSet interest = PatternSet.of(query.interest());
        if (interest.isExact()) {
            selectFrom(interest.channels(), lower, selection, now);
        } else {
            selectMatching(interest, lower, selection, now);
        }
        return selection.inOrder();
    }

    private void selectMatching(PatternSet interest, long lower, ReplaySelection selection, long now) {
        for (long offset = end(); offset > lower && offset >= index.first(); offset--) {
            LogEntry entry = index.get(offset);
            Channel channel = entry == null ? null : entry.channel;
            if (entry != null
                    && channel != null
                    && interest.matches(channel)
                    && !selection.take(offset, channel, entry.body(now))) {
                return;
            }
        }
    }

    /** For exact channels the index need not be walked. */
    private void selectFrom(Set<Channel> exact, long lower, ReplaySelection selection, long now) {
        List<LogEntry> found = new ArrayList<>();
        for (Channel channel : exact) {
            ChannelHistory history = channels.get(channel);
            if (history != null) {
                history.retainedAfter(lower, found);
                if (history.lastDropped() > lower) {
                    selection.lost(history.lastDropped(), channel);
                }
            }
        }
        found.sort((a, b) -> Long.compare(b.offset, a.offset));
        for (LogEntry entry : found) {
            Channel channel = entry.channel;
            if (channel != null && !selection.take(entry.offset, channel, entry.body(now))) {
                return;
            }
        }
    }

    /** The retained messages of a channel. */
    HistoryPage history(Channel channel, HistoryQuery query, long now) {
        Gap.Reason reason = null;
        long lower = 0;
        Cursor since = query.since();
        if (since != null) {
            Position after = since.position(partition);
            reason = CursorCheck.reason(after, this);
            lower = firstWanted(after, reason) - 1;
        }
        List<Publication> found = new ArrayList<>();
        ChannelHistory history = channels.get(channel);
        boolean lost = false;
        if (history != null) {
            lost = history.lastDropped() > lower;
            for (LogEntry entry : history.retained()) {
                Publication body = entry.offset > lower ? entry.body(now) : null;
                if (body != null) {
                    found.add(body);
                } else {
                    lost |= entry.offset > lower;
                }
            }
        }
        return page(found, query, reason == null && !lost);
    }

    private long firstWanted(Position after, Gap.@Nullable Reason reason) {
        if (reason == Gap.Reason.RESET) {
            return 1;
        }
        boolean branched = reason == Gap.Reason.FORK || reason == Gap.Reason.AHEAD;
        return branched ? CursorCheck.branch(after, List.of(), this).firstNew() : after.offset() + 1;
    }

    private HistoryPage page(List<Publication> found, HistoryQuery query, boolean whole) {
        if (query.reverse()) {
            Collections.reverse(found);
        }
        boolean cut = found.size() > query.limit();
        List<Publication> messages = cut ? found.subList(0, query.limit()) : found;
        Position next =
                cut && !query.reverse() ? messages.get(messages.size() - 1).position() : position();
        return new HistoryPage(messages, whole && !cut, Cursor.at(next, partitions));
    }
}
