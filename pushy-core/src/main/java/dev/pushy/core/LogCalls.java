package dev.pushy.core;

import dev.pushy.core.MessageLog.LogQuery;

/**
 * What this node asks of the broker's log. Used under the sequencer's lock; each call is made when that has been released,
 * and its answer is taken under the lock again.
 */
final class LogCalls {
    private static final System.Logger LOG = System.getLogger(LogCalls.class.getName());
    private static final long RETRY_MILLIS = 500;

    private final MessageLog log;
    private final Sequencer sequencer;
    private final HubTimers timers;

    LogCalls(MessageLog log, Sequencer sequencer, HubTimers timers) {
        this.log = log;
        this.sequencer = sequencer;
        this.timers = timers;
    }

    /** Reads what a recovery needs. One that fails is tried again after a while. */
    void read(PartitionFeed feed, LogQuery query) {
        long marker = query.marker();
        sequencer.afterwards(() -> log.read(query).whenComplete((slice, failure) -> {
            if (failure == null) {
                sequencer.locked(() -> feed.recovered(marker, slice));
            } else {
                LOG.log(System.Logger.Level.WARNING, "cannot read the log, trying again: " + failure.getMessage());
                timers.after(RETRY_MILLIS, () -> sequencer.locked(() -> feed.recoverAgain(marker)));
            }
        }));
    }

    /** Says what this node has heard, then reads again. Where that cannot be said now the node goes on nevertheless. */
    void vouch(PartitionFeed feed, Witness.Testimony testimony, long marker) {
        sequencer.afterwards(() -> log.vouch(testimony.position(), testimony.setbacks())
                .whenComplete((done, failure) -> sequencer.locked(() -> {
                    if (failure != null) {
                        LOG.log(
                                System.Logger.Level.WARNING,
                                "the log of partition {0} went back, and other nodes cannot be told yet: {1}",
                                testimony.position().partition(),
                                failure.getMessage());
                        feed.witness().refused(testimony);
                    }
                    feed.recoverAgain(marker);
                })));
    }

    /** Says again what could not be said in the recovery. */
    void vouchAgain(PartitionFeed feed, Witness.Testimony testimony) {
        sequencer.afterwards(() -> log.vouch(testimony.position(), testimony.setbacks())
                .thenRun(() -> sequencer.locked(() -> feed.witness().taken(testimony))));
    }

    /** Asks for an echo of a marker; one that is lost is followed by the next. */
    void mark(int partition, long marker) {
        sequencer.afterwards(() -> log.mark(partition, marker).exceptionally(failure -> null));
    }

    /** A message is missing that must have come: the link is to be made anew. */
    void reconnect(int partition) {
        sequencer.afterwards(() -> log.reconnect(partition));
    }
}
