package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.MessageLog.Entry;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.Start;
import dev.pushy.core.PatternSet;
import dev.pushy.core.Publication;
import dev.pushy.core.ReplaySelection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What one read finds up to its cut. Few channels are read at once. Else the indices say, from the newest entry down, which
 * channels have something new; only those are read, some at a time. One step follows the other, so that no two threads are
 * in here at once.
 */
final class SliceRead {
    private static final Script CHANGED = Script.of("still_there", "changed");
    private static final Script CHANNELS = Script.of("still_there", "channels");
    /** So many channels are read without asking the index. */
    private static final int FEW_CHANNELS = 32;

    private static final int CHANNELS_AT_ONCE = 64;
    private static final int MESSAGES_AT_ONCE = 2_000;
    private static final int INDEX_PAGE = 2_000;

    private final RedisLog log;
    private final Keys keys;
    private final int partition;
    private final int partitions;
    private final LogQuery query;
    private final Cut cut;
    private final long lower;
    private final long sinceTime;
    private final PatternSet interest;
    private final int limit;
    private final boolean last;
    private final boolean tellLost;

    private final Set<Channel> changed = new LinkedHashSet<>();
    private final ArrayDeque<Source> sources = new ArrayDeque<>();
    private final List<Found> found = new ArrayList<>();
    private final Map<Channel, Long> lost = new HashMap<>();
    private long fetchAbove;

    /** An index that is to be walked, and what of it is of interest. */
    private static final class Source {
        private final byte[] key;
        private long below;
        private int matches;

        Source(byte[] key, long below) {
            this.key = key;
            this.below = below;
        }
    }

    private record Found(
            long offset, Channel channel, @Nullable Publication publication) {}

    /**
     * A read that has not begun.
     *
     * @param lower offset behind which it begins
     * @param sinceTime older messages are not wanted, milliseconds since 1970
     * @param proven whether what is lost is worth telling, because it is not known that anything may be
     */
    SliceRead(
            RedisLog log,
            RedisBackplane backplane,
            LogQuery query,
            Cut cut,
            long lower,
            long sinceTime,
            boolean proven) {
        this.log = log;
        this.keys = backplane.keys();
        this.partition = query.partition();
        this.partitions = backplane.partitions();
        this.query = query;
        this.cut = cut;
        this.lower = lower;
        this.fetchAbove = lower;
        this.sinceTime = sinceTime;
        this.interest = PatternSet.of(query.interest());
        this.last = query.start() instanceof Start.Last;
        this.tellLost = proven && !last;
        this.limit =
                query.start() instanceof Start.Last start ? Math.min(start.messages(), query.limit()) : query.limit();
    }

    CompletionStage<List<Entry>> start() {
        if (lower >= cut.end() || limit == 0) {
            return CompletableFuture.completedFuture(List.of());
        }
        if (interest.isExact() && interest.channels().size() <= FEW_CHANNELS) {
            interest.channels().stream()
                    .filter(channel -> keys.partition(channel) == partition)
                    .forEach(changed::add);
        } else {
            addSources();
        }
        return walk().thenCompose(walked -> fetch(new ArrayDeque<>(changed))).thenApply(fetched -> select());
    }

    // Which channels have something new.

    /** The indices of first segments where every wildcard has one and few channels are exact, else the index of all. */
    private void addSources() {
        Set<String> segments = new LinkedHashSet<>();
        List<byte[]> names = new ArrayList<>();
        boolean all = interest.channels().size() > FEW_CHANNELS;
        for (ChannelPattern pattern : query.interest()) {
            if (pattern.isWildcard()) {
                String segment = pattern.segments().get(0);
                all |= segment.startsWith("*");
                if (segments.add(pattern.app() + ':' + segment)) {
                    names.add(keys.index(partition, pattern.app(), segment));
                }
            }
        }
        if (all) {
            sources.add(new Source(keys.key(partition, "index"), cut.end()));
            return;
        }
        names.forEach(name -> sources.add(new Source(name, cut.end())));
        interest.channels().stream()
                .filter(channel -> keys.partition(channel) == partition)
                .forEach(changed::add);
    }

    private CompletionStage<Void> walk() {
        Source source = sources.poll();
        if (source == null) {
            return CompletableFuture.completedFuture(null);
        }
        ScriptCall call = new ScriptCall(CHANGED)
                .key(keys.key(partition, "log"))
                .key(keys.key(partition, "index"))
                .key(source.key)
                .arg(cut.text())
                .arg(source.below)
                .arg(lower + 1)
                .arg(INDEX_PAGE);
        return log.readOn(partition, call).thenCompose(page -> {
            addChanged(source, page);
            return walk();
        });
    }

    private void addChanged(Source source, List<?> page) {
        long offset = source.below;
        for (int i = 0; i + 1 < page.size(); i += 2) {
            offset = new WireReader((byte[]) page.get(i), 0).number();
            byte[] name = (byte[]) page.get(i + 1);
            if (name.length == 0) {
                continue; // a setback
            }
            Channel channel = channel(name);
            if (interest.matches(channel)) {
                changed.add(channel);
                source.matches++;
                if (source.matches == limit) {
                    // More than that are not wanted; what is older is known to be lost.
                    fetchAbove = Math.max(fetchAbove, offset - 1);
                }
            }
        }
        boolean enough = last && source.matches >= limit;
        if (page.size() == 2 * INDEX_PAGE && offset > lower + 1 && !enough) {
            source.below = offset - 1;
            sources.addFirst(source);
        }
    }

    private static Channel channel(byte[] text) {
        String name = new String(text, StandardCharsets.UTF_8);
        int colon = name.lastIndexOf(':');
        return new Channel(name.substring(0, colon), name.substring(colon + 1));
    }

    // Their messages.

    private CompletionStage<Void> fetch(ArrayDeque<Channel> rest) {
        if (rest.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        ScriptCall call =
                new ScriptCall(CHANNELS).key(keys.key(partition, "log")).key(keys.key(partition, "index"));
        List<Channel> asked = new ArrayList<>();
        for (Channel channel : rest) {
            if (asked.size() == CHANNELS_AT_ONCE) {
                break;
            }
            asked.add(channel);
            call.key(keys.key(partition, "stream", channel)).key(keys.key(partition, "last", channel));
        }
        long most = Math.min(query.perChannel(), limit) + 1L;
        call.arg(cut.text()).arg(lower).arg(fetchAbove).arg(most).arg(MESSAGES_AT_ONCE);
        return log.readOn(partition, call).thenCompose(answer -> {
            for (int i = 0; i + 1 < answer.size(); i += 2) {
                take(asked.get(i / 2), (byte[]) answer.get(i), (List<?>) answer.get(i + 1));
                rest.remove();
            }
            return fetch(rest);
        });
    }

    private void take(Channel channel, byte @Nullable [] lostAt, List<?> messages) {
        if (lostAt != null) {
            lost.put(channel, new WireReader(lostAt, 0).number());
        }
        for (int i = 0; i + 1 < messages.size(); i += 2) {
            Wire.Entry entry =
                    Wire.entry((byte[]) messages.get(i), (byte[]) messages.get(i + 1), partition, partitions);
            Publication publication = entry.publication();
            boolean ofThisLog = publication.position().epoch() == cut.epoch();
            if (ofThisLog && publication.time() >= sinceTime) {
                boolean retained = entry.expires() > cut.time();
                found.add(new Found(publication.position().offset(), channel, retained ? publication : null));
            }
        }
    }

    private List<Entry> select() {
        ReplaySelection selection = new ReplaySelection(query.perChannel(), limit, tellLost);
        found.sort((a, b) -> Long.compare(b.offset, a.offset));
        for (Found each : found) {
            if (!selection.take(each.offset, each.channel, each.publication)) {
                break;
            }
        }
        lost.forEach((channel, offset) -> selection.lost(offset, channel));
        return selection.inOrder();
    }
}
