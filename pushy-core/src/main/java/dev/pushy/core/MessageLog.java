package dev.pushy.core;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The ordered log of a broker: what resume, history and recovery read. Every channel belongs to one of its partitions.
 */
public interface MessageLog {

    /** How many partitions there are; fixed for the life of the deployment. At least 1. */
    int partitions();

    /** The partition of a channel. */
    int partition(Channel channel);

    /**
     * Reads a partition up to its end, and in the same atomic step sends the marker to this node's listener, behind every
     * message that was read.
     */
    CompletionStage<LogSlice> read(LogQuery query);

    /** Sends a marker without a read. Completes when the log has sent it, not when it is heard. */
    CompletionStage<Void> mark(int partition, long marker);

    /**
     * Says that a position stood in the log, because this node heard of it. If the log holds another in its place or ends
     * before it, the log went back, and those who had heard less may not notice. Then the log takes a <em>setback</em> into
     * its order, once for each time it goes back: all nodes hear {@link Broker.Listener#onSetback}, and whoever reads on
     * from before the setback is told {@code FORK}. A log that never goes back completes at once.
     *
     * @param position heard from the log or answered by it, not read out of a cursor that a client brought
     * @param setbacks how many the log had seen at that position; if it knows of more by now, somebody said so before
     */
    CompletionStage<Void> vouch(Position position, long setbacks);

    /** Reads the retained messages of one channel. */
    CompletionStage<HistoryPage> history(Channel channel, HistoryQuery query);

    /** Takes the link of a partition for broken: a message is missing that must have come. */
    void reconnect(int partition);

    /**
     * A read of one partition.
     *
     * @param start where to begin
     * @param ring positions that this node handed out, oldest first; they find the place where a log forked
     * @param interest only entries of channels that one of these matches
     * @param perChannel the most messages of one channel; of more the newest are kept, the others count as lost
     * @param limit the most messages in all, likewise
     * @param marker to be sent
     */
    record LogQuery(
            int partition,
            Start start,
            List<Position> ring,
            List<ChannelPattern> interest,
            int perChannel,
            int limit,
            long marker) {}

    /** Where a read begins. */
    sealed interface Start {
        /** At the end: nothing is read. */
        record Now() implements Start {}

        /** After a position that a client or this node holds. */
        record After(Position position) implements Start {}

        /** With a cursor that belongs to no log that is known: the beginning, said to be a reset. */
        record Unknown() implements Start {}

        /** With the first message not older than so many milliseconds since 1970. */
        record FromTime(long time) implements Start {}

        /** With the last so many messages. */
        record Last(int messages) implements Start {}
    }

    /**
     * What a read found.
     *
     * @param end the last position of the partition at the time of the read
     * @param reason what is wrong with the start, or null if the entries are proven to be all
     * @param branch after {@code FORK} and {@code AHEAD} of a position: what is certainly new
     * @param entries in the order of their offsets
     * @param setbacks how often the log is known to have gone back, see {@link #vouch}
     */
    record LogSlice(
            Position end,
            Gap.@Nullable Reason reason,
            @Nullable Branch branch,
            List<Entry> entries,
            long setbacks) {}

    /**
     * Where a log that went back left the one that this node has seen.
     *
     * @param firstNew the smallest offset that is certainly new: everything from here on was never handed out
     * @param lastCommon the largest offset that certainly was in both, or -1 where none is known
     */
    record Branch(long firstNew, long lastCommon) {}

    /**
     * One message that the log knows of.
     *
     * @param publication the message, or null if it is not retained any more
     */
    record Entry(long offset, Channel channel, @Nullable Publication publication) {}
}
