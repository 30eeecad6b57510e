package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.Cursor;
import dev.pushy.core.CursorCheck;
import dev.pushy.core.Gap;
import dev.pushy.core.HistoryPage;
import dev.pushy.core.HistoryQuery;
import dev.pushy.core.MessageLog;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The ordered log in Redis. A read begins with the cut: where the log ends now, with the marker in the same step. What is
 * fetched then, page by page, is at most there, so that Redis is never held up for long; if the log is not the same any
 * more the read fails and whoever asked asks again. Thread-safe.
 */
final class RedisLog implements MessageLog {
    private static final Script CUT = Script.of("cut");
    private static final Script VOUCH = Script.of("vouch");
    private static final Script TAGS = Script.of("still_there", "tags");
    private static final Script HISTORY = Script.of("still_there", "history");

    private final RedisBackplane backplane;

    RedisLog(RedisBackplane backplane) {
        this.backplane = backplane;
    }

    @Override
    public int partitions() {
        return backplane.partitions();
    }

    @Override
    public int partition(Channel channel) {
        return backplane.partition(channel);
    }

    @Override
    public void reconnect(int partition) {
        backplane.reconnect(partition);
    }

    @Override
    public CompletionStage<Void> mark(int partition, long marker) {
        return requireUp(partition)
                .thenCompose(up -> cut(partition, Long.toString(marker), null, null))
                .thenApply(done -> null);
    }

    @Override
    public CompletionStage<Void> vouch(Position position, long setbacks) {
        int partition = position.partition();
        Keys keys = backplane.keys();
        ScriptCall call = new ScriptCall(VOUCH)
                .key(keys.key(partition, "log"))
                .key(keys.key(partition, "index"))
                .key(keys.key(partition, "marks"))
                .key(keys.everybody(partition))
                .arg(backplane.publishCommand())
                .arg(position.epoch())
                .arg(position.offset())
                .arg(position.tag())
                .arg(setbacks)
                .arg(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE))
                .arg(backplane.config().indexEntries())
                .arg(backplane.shiftMillis());
        return available(backplane.eval(partition, call)).thenApply(done -> null);
    }

    /** A marker that nobody hears would let the reader wait for ever. */
    private CompletionStage<Void> requireUp(int partition) {
        return backplane.isUp(partition)
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(
                        new UnavailableException("the link from Redis is not up: try again later"));
    }

    private CompletionStage<Cut> cut(int partition, String marker, @Nullable Position lookUp, @Nullable Long time) {
        Keys keys = backplane.keys();
        ScriptCall call = new ScriptCall(CUT)
                .key(keys.key(partition, "log"))
                .key(keys.key(partition, "index"))
                .key(keys.key(partition, "marks"))
                .key(keys.service(partition))
                .arg(backplane.publishCommand())
                .arg(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE))
                .arg(backplane.shiftMillis())
                .arg(backplane.config().indexAge().toMillis())
                .arg(marker)
                .arg(lookUp == null ? "" : Long.toString(lookUp.offset()))
                .arg(time == null ? "" : Long.toString(time));
        long asked = lookUp == null ? -1 : lookUp.offset();
        return available(backplane.read(partition, call))
                .thenApply(answer -> new Cut(partition, (List<?>) answer, asked));
    }

    private static <T> CompletionStage<T> available(CompletionStage<T> stage) {
        return stage.exceptionallyCompose(
                failure -> CompletableFuture.failedFuture(BackplaneException.unavailable(failure)));
    }

    /** What a script answers that reads on from a cut. Fails if the log is not the same any more. */
    CompletionStage<List<?>> readOn(int partition, ScriptCall call) {
        return available(backplane.read(partition, call)).thenApply(answer -> {
            if (answer instanceof List<?> found) {
                return found;
            }
            throw new UnavailableException("the log began anew while it was read: try again");
        });
    }

    @Override
    public CompletionStage<LogSlice> read(LogQuery query) {
        int partition = query.partition();
        Position after = query.start() instanceof Start.After start ? start.position() : null;
        Long time = query.start() instanceof Start.FromTime from ? from.time() : null;
        return requireUp(partition)
                .thenCompose(up -> cut(partition, Long.toString(query.marker()), after, time))
                .thenCompose(cut -> read(query, cut));
    }

    private CompletionStage<LogSlice> read(LogQuery query, Cut cut) {
        if (query.start() instanceof Start.After after) {
            Gap.Reason reason = CursorCheck.reason(after.position(), cut);
            boolean branched = reason == Gap.Reason.FORK || reason == Gap.Reason.AHEAD;
            if (branched) {
                return withTags(query, cut, after.position()).thenCompose(branch -> {
                    long lower = branch.lastCommon() >= 0 ? branch.lastCommon() : branch.firstNew() - 1;
                    return slice(query, cut, reason, branch, lower, 0);
                });
            }
            long lower = reason == Gap.Reason.RESET ? 0 : after.position().offset();
            return slice(query, cut, reason, null, lower, 0);
        }
        if (query.start() instanceof Start.FromTime from) {
            Long since = cut.since();
            boolean proven = cut.first() == 1 || (since != null && since >= cut.first());
            long lower = Math.max(since == null ? 0 : since, cut.first()) - 1;
            Gap.Reason reason = proven ? null : Gap.Reason.EXPIRED;
            reason = proven && cut.isSetBackSince(from.time()) ? Gap.Reason.FORK : reason;
            return slice(query, cut, reason, null, lower, from.time());
        }
        if (query.start() instanceof Start.Unknown) {
            return slice(query, cut, Gap.Reason.RESET, null, 0, 0);
        }
        return slice(query, cut, null, null, query.start() instanceof Start.Last ? 0 : cut.end(), 0);
    }

    private CompletionStage<Branch> withTags(LogQuery query, Cut cut, Position after) {
        List<Long> offsets = new ArrayList<>();
        offsets.add(after.offset());
        query.ring().forEach(position -> offsets.add(position.offset()));
        Keys keys = backplane.keys();
        ScriptCall call = new ScriptCall(TAGS)
                .key(keys.key(query.partition(), "log"))
                .key(keys.key(query.partition(), "index"))
                .arg(cut.text());
        offsets.forEach(call::arg);
        return readOn(query.partition(), call).thenApply(found -> {
            cut.addTags(offsets, found);
            return CursorCheck.branch(after, query.ring(), cut);
        });
    }

    private CompletionStage<LogSlice> slice(
            LogQuery query, Cut cut, Gap.@Nullable Reason reason, @Nullable Branch branch, long lower, long sinceTime) {
        return new SliceRead(this, backplane, query, cut, lower, sinceTime, reason == null)
                .start()
                .thenApply(entries -> new LogSlice(cut.position(), reason, branch, entries, cut.setbacks()));
    }

    @Override
    public CompletionStage<HistoryPage> history(Channel channel, HistoryQuery query) {
        int partition = partition(channel);
        Cursor since = query.since();
        Position after = since == null ? null : since.position(partition);
        return cut(partition, "", after, null).thenCompose(cut -> history(channel, query, cut, after));
    }

    private CompletionStage<HistoryPage> history(
            Channel channel, HistoryQuery query, Cut cut, @Nullable Position after) {
        int partition = partition(channel);
        Gap.Reason reason = after == null ? null : CursorCheck.reason(after, cut);
        long lower = after == null ? 0 : firstWanted(after, reason, cut) - 1;
        Keys keys = backplane.keys();
        ScriptCall call = new ScriptCall(HISTORY)
                .key(keys.key(partition, "log"))
                .key(keys.key(partition, "index"))
                .key(keys.key(partition, "stream", channel))
                .key(keys.key(partition, "last", channel))
                .arg(cut.text())
                .arg(lower)
                .arg(query.limit())
                .arg(query.reverse() ? 1 : 0)
                .arg(cut.time());
        return readOn(partition, call).thenApply(found -> page(query, cut, reason == null, found));
    }

    private static long firstWanted(Position after, Gap.@Nullable Reason reason, Cut cut) {
        if (reason == Gap.Reason.RESET) {
            return 1;
        }
        boolean branched = reason == Gap.Reason.FORK || reason == Gap.Reason.AHEAD;
        return branched ? CursorCheck.branch(after, List.of(), cut).firstNew() : after.offset() + 1;
    }

    private HistoryPage page(HistoryQuery query, Cut cut, boolean proven, List<?> found) {
        int partition = cut.position().partition();
        boolean lost = ((byte[]) found.get(0))[0] == '1';
        List<Publication> messages = new ArrayList<>();
        for (int i = 1; i + 1 < found.size() && messages.size() < query.limit(); i += 2) {
            Wire.Entry entry = Wire.entry((byte[]) found.get(i), (byte[]) found.get(i + 1), partition, partitions());
            if (entry.publication().position().epoch() == cut.epoch()) {
                messages.add(entry.publication());
            }
        }
        boolean cutOff = (found.size() - 1) / 2 > query.limit();
        Position next = cutOff && !query.reverse() && !messages.isEmpty()
                ? messages.get(messages.size() - 1).position()
                : cut.position();
        return new HistoryPage(messages, proven && !lost && !cutOff, Cursor.at(next, partitions()));
    }
}
