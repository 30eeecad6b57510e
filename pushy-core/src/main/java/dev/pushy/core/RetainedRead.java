package dev.pushy.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The retained messages of channels at the cut of an {@link Entrance}. Confined to the loop.
 *
 * <p>They are read when the output is held already, so that a message is retained or held, or both. What is retained may be
 * from behind the cut, and on its way here: unless its position says that it is not, a second marker is awaited, before
 * which it must have come. A broker without a log has no markers; there it may come twice.
 */
final class RetainedRead {
    private final Subscriber subscriber;
    private final Collection<ChannelPattern> patterns;
    private final List<PartitionRead> cut;
    private final Detour reader;
    private final Runnable failed;
    private final Map<Channel, Optional<Retained>> read = new HashMap<>();
    private final Set<Channel> asked = new HashSet<>();
    private final List<PartitionRead> second = new ArrayList<>();
    /** Answers to what was asked before the last reset are void. */
    private int round;

    /**
     * Reads nothing yet.
     *
     * @param cut the first markers of all partitions concerned
     * @param failed called when a message cannot be read; all is to be begun again then
     */
    RetainedRead(
            Subscriber subscriber,
            Collection<ChannelPattern> patterns,
            List<PartitionRead> cut,
            Detour reader,
            Runnable failed) {
        this.subscriber = subscriber;
        this.patterns = patterns;
        this.cut = cut;
        this.reader = reader;
        this.failed = failed;
    }

    /** Goes on, now that the output is held. Whether all is known. */
    boolean proceed() {
        for (ChannelPattern pattern : patterns) {
            if (asked.add(pattern.channel())) {
                ask(pattern.channel(), round);
            }
        }
        return read.size() == patterns.size() && PartitionRead.canBegin(second) && PartitionRead.cut(second);
    }

    private void ask(Channel channel, int ofRound) {
        subscriber
                .hub()
                .retained(channel)
                .whenComplete((found, failure) -> subscriber.onLoop(() -> {
                    if (ofRound != round || subscriber.isClosed()) {
                        return;
                    }
                    if (failure != null) {
                        failed.run();
                    } else {
                        found(channel, found);
                    }
                }));
    }

    private void found(Channel channel, Optional<Retained> found) {
        read.put(channel, found);
        found.ifPresent(this::awaitIfBehindCut);
        reader.proceed();
    }

    private void awaitIfBehindCut(Retained found) {
        int partition =
                subscriber.hub().sequencer().partition(found.publication().channel());
        for (PartitionRead first : cut) {
            if (first.partition == partition && !isBefore(found.publication().position(), first.end())) {
                second.add(new PartitionRead(partition, subscriber, reader, reader::proceed));
            }
        }
    }

    private static boolean isBefore(Position place, Position end) {
        return place.isLogged() && place.epoch() == end.epoch() && place.offset() <= end.offset();
    }

    /** The marker passed through the shard. False if it is none of these. */
    boolean onMarker(Item.Marked mark) {
        for (PartitionRead each : second) {
            if (each.onMarker(mark)) {
                return true;
            }
        }
        return false;
    }

    /** What is retained and does not come as one of the events that were held. */
    Map<Channel, Retained> found(HeldOutput held) {
        Map<Channel, Retained> found = new HashMap<>();
        read.forEach((channel, retained) -> retained.filter(kept -> !held.contains(kept.publication()))
                .ifPresent(kept -> found.put(channel, kept)));
        return found;
    }

    /** The channels of which nothing is retained. */
    Set<Channel> missing() {
        Set<Channel> missing = new HashSet<>();
        read.forEach((channel, retained) -> {
            if (retained.isEmpty()) {
                missing.add(channel);
            }
        });
        return missing;
    }

    /** Voids what was read. */
    void reset() {
        round++;
        asked.clear();
        read.clear();
        second.forEach(PartitionRead::reset);
        second.clear();
    }
}
