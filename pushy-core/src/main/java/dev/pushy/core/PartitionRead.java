package dev.pushy.core;

import dev.pushy.core.MessageLog.Entry;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.MessageLog.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One partition on a connection's way to being live: a read from the log, cut off from what follows by a marker. Confined
 * to the loop.
 *
 * <p>Both halves must come: the slice, and the marker in the order of the shard. A link that breaks before that voids both.
 */
final class PartitionRead {
    private static final long RETRY_MILLIS = 500;

    final int partition;
    private final Subscriber subscriber;
    private final Detour reader;
    private final Runnable progress;
    private final Runnable failed;
    private boolean asked;
    private long marker;
    private boolean marked;
    private boolean markerOnly;
    private @Nullable Replay replay;

    /**
     * A read that has not begun.
     *
     * @param progress called when a half has come, or it is time to try again
     * @param failed called when it failed: whatever is kept because it came behind the marker is void, and the read is to be
     *     {@link #reset}
     */
    PartitionRead(int partition, Subscriber subscriber, Detour reader, Runnable progress, Runnable failed) {
        this.partition = partition;
        this.subscriber = subscriber;
        this.reader = reader;
        this.progress = progress;
        this.failed = failed;
    }

    /** A read behind which nothing is kept. */
    PartitionRead(int partition, Subscriber subscriber, Detour reader, Runnable progress) {
        this.partition = partition;
        this.subscriber = subscriber;
        this.reader = reader;
        this.progress = progress;
        this.failed = this::reset;
    }

    boolean wasAsked() {
        return asked;
    }

    /** Whether the node hears the partition of each read that is still to be made. */
    static boolean canBegin(List<PartitionRead> reads) {
        for (PartitionRead read : reads) {
            if (!read.asked
                    && !read.subscriber.hub().sequencer().feed(read.partition).isInSync()) {
                return false;
            }
        }
        return true;
    }

    /** Whether what comes now on a partition is behind the marker of its read. */
    static boolean isMarked(List<PartitionRead> reads, int partition) {
        for (PartitionRead read : reads) {
            if (read.partition == partition) {
                return read.marked;
            }
        }
        return false;
    }

    /** Makes the reads from here on that were not made, and says whether all have come. */
    static boolean cut(List<PartitionRead> reads) {
        boolean complete = true;
        for (PartitionRead read : reads) {
            if (!read.asked) {
                read.ask(new Start.Now(), List.of());
            }
            complete &= read.isComplete();
        }
        return complete;
    }

    boolean isMarked() {
        return marked;
    }

    boolean isComplete() {
        return marked && replay != null;
    }

    /** Where the read ended. */
    Position end() {
        return Objects.requireNonNull(replay, "replay").end();
    }

    @Nullable
    Replay replay() {
        return replay;
    }

    /**
     * Reads, from a position if the client has one in this partition, else from where it asked to begin.
     */
    void ask(Resume resume, @Nullable Position position, List<ChannelPattern> patterns) {
        ask(position == null ? start(resume) : new Start.After(position), patterns);
    }

    private Start start(Resume resume) {
        if (resume instanceof Resume.Unknown) {
            return new Start.Unknown();
        }
        if (resume instanceof Resume.Ago ago) {
            return new Start.FromTime(subscriber.hub().millis() - ago.age().toMillis());
        }
        return resume instanceof Resume.Last last ? new Start.Last(last.messages()) : new Start.Now();
    }

    private void ask(Start start, List<ChannelPattern> patterns) {
        MessageLog log = subscriber.hub().sequencer().log().orElseThrow();
        Sequencer sequencer = subscriber.hub().sequencer();
        long mine =
                sequencer.locked(() -> sequencer.newMarker(subscriber.shard().index()));
        asked = true;
        marked = false;
        replay = null;
        marker = mine;
        subscriber.shard().awaitMarker(mine, reader);
        markerOnly = start instanceof Start.Now;
        if (markerOnly) {
            log.mark(partition, mine).whenComplete((done, failure) -> {
                if (failure != null) {
                    subscriber.onLoop(() -> failed(mine));
                }
            });
            return;
        }
        List<Position> ring = start instanceof Start.After after
                ? sequencer.locked(() -> sequencer.feed(partition).ringWith(after.position()))
                : List.of();
        Limits limits = subscriber.hub().limits();
        LogQuery query =
                new LogQuery(partition, start, ring, patterns, limits.replayPerChannel(), limits.replayTotal(), mine);
        log.read(query)
                .whenComplete((slice, failure) -> subscriber.onLoop(() -> {
                    if (failure != null) {
                        failed(mine);
                    } else {
                        found(mine, slice);
                    }
                }));
    }

    private void found(long ofMarker, LogSlice slice) {
        if (ofMarker == marker && asked) {
            replay = new Replay(slice, certainlyNew(slice));
            progress.run();
        }
    }

    private List<Entry> certainlyNew(LogSlice slice) {
        MessageLog.Branch branch = slice.branch();
        if (branch == null) {
            return slice.entries();
        }
        Sequencer sequencer = subscriber.hub().sequencer();
        return sequencer.locked(() -> {
            List<Entry> wanted = new ArrayList<>();
            for (Entry entry : slice.entries()) {
                if (sequencer.feed(partition).isNewToClient(branch, entry)) {
                    wanted.add(entry);
                }
            }
            return wanted;
        });
    }

    /** The marker may have been heard nevertheless; where it was all that was wanted, nothing is missing. */
    private void failed(long ofMarker) {
        if (ofMarker == marker && asked && !isComplete() && !subscriber.isClosed()) {
            failed.run();
            long jitter = Math.floorMod(ofMarker * 31, RETRY_MILLIS);
            subscriber.connection().loop().schedule(progress, RETRY_MILLIS + jitter);
        }
    }

    /** The marker passed through the shard. False if it is not of this read. */
    boolean onMarker(Item.Marked item) {
        if (!asked || item.marker() != marker) {
            return false;
        }
        marked = true;
        if (markerOnly) {
            replay = new Replay(new LogSlice(item.end(), null, null, List.of(), 0), List.of());
        }
        return true;
    }

    /** Voids what was asked. */
    void reset() {
        subscriber.shard().forgetMarker(marker);
        asked = false;
        marked = false;
        replay = null;
    }
}
