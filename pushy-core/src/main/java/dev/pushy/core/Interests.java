package dev.pushy.core;

import java.util.function.ObjIntConsumer;

/**
 * Counts who listens to what on this node, and keeps the broker informed: the first subscription of a channel or pattern is
 * declared, the last one lingers, since clients come back, and is then withdrawn.
 *
 * <p>Counts are guarded by the sequencer's lock. The calls to the broker have the order of the changes and are made without
 * it.
 */
final class Interests {
    private static final long RETRY_MILLIS = 500;

    private final Sequencer sequencer;
    private final InterestIndex index;
    private final Broker broker;
    private final HubTimers timers;
    private final ObjIntConsumer<Channel> occupancy;
    private final SerialCalls calls = new SerialCalls();

    Interests(
            Sequencer sequencer,
            InterestIndex index,
            Broker broker,
            HubTimers timers,
            ObjIntConsumer<Channel> occupancy) {
        this.sequencer = sequencer;
        this.index = index;
        this.broker = broker;
        this.timers = timers;
        this.occupancy = occupancy;
    }

    /** Makes the calls that were decided under the lock. */
    void makeCalls() {
        calls.drain();
    }

    /**
     * Counts a subscription of a shard.
     *
     * @param members whether the node is to know who is on the channel
     */
    Interest acquire(ChannelPattern pattern, int shard, boolean members) {
        return sequencer.locked(() -> {
            Interest interest = index.get(pattern);
            if (interest == null) {
                interest = new Interest(pattern, sequencer.partitions());
                index.add(interest);
                declare(interest);
            }
            interest.acquire(shard);
            if (members) {
                sequencer.rosters().keep(interest);
            }
            reportOccupancy(interest);
            return interest;
        });
    }

    /** Takes a subscription of a shard back. */
    void release(Interest interest, int shard, long lingerMillis) {
        sequencer.locked(() -> {
            interest.release(shard);
            reportOccupancy(interest);
            if (interest.total() == 0) {
                sequencer.afterwards(() -> timers.after(lingerMillis, () -> sequencer.locked(() -> forget(interest))));
            }
        });
    }

    /** Runs the task once the interest is ready: at once if it is. */
    void whenReady(Interest interest, Runnable task) {
        sequencer.locked(() -> {
            if (interest.isReady()) {
                sequencer.afterwards(task);
            } else {
                interest.whenReady(task);
            }
        });
    }

    private void reportOccupancy(Interest interest) {
        if (!interest.pattern.isWildcard() && !interest.pattern.channel().isReserved()) {
            int total = interest.total();
            calls.add(() -> occupancy.accept(interest.pattern.channel(), total));
        }
    }

    private void forget(Interest interest) {
        if (interest.total() == 0 && index.get(interest.pattern) == interest) {
            index.remove(interest);
            sequencer.rosters().drop(interest);
            sequencer.withdrawn(interest);
            calls.add(() -> broker.unsubscribe(interest.pattern));
        }
    }

    private void declare(Interest interest) {
        calls.add(() -> broker.subscribe(interest.pattern).whenComplete((done, failure) -> {
            if (failure == null) {
                sequencer.locked(() -> sequencer.acknowledged(interest));
            } else {
                timers.after(RETRY_MILLIS, () -> sequencer.locked(() -> declareAgain(interest)));
            }
        }));
    }

    private void declareAgain(Interest interest) {
        if (index.get(interest.pattern) == interest) {
            declare(interest);
        }
    }
}
