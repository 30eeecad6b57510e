package dev.pushy.core;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads rosters from the presence store, so many at a time, each again until it has come. Guarded by the sequencer's lock;
 * the store is called without it.
 */
final class RosterReads {
    private static final System.Logger LOG = System.getLogger(RosterReads.class.getName());
    private static final int AT_ONCE = 64;
    private static final long RETRY_MILLIS = 500;
    /** After this time the answer or its marker was lost. */
    private static final long OVERDUE_NANOS = 5_000_000_000L;

    private final Sequencer sequencer;
    private final PresenceStore store;
    private final HubTimers timers;
    private final BiConsumer<ChannelRoster, Map<String, Member>> complete;
    private final Set<ChannelRoster> waiting = new LinkedHashSet<>();
    private final Set<RosterRead> underWay = new LinkedHashSet<>();
    private long markers;

    /**
     * No read yet.
     *
     * @param complete takes who is on a channel, under the lock
     */
    RosterReads(
            Sequencer sequencer,
            PresenceStore store,
            HubTimers timers,
            BiConsumer<ChannelRoster, Map<String, Member>> complete) {
        this.sequencer = sequencer;
        this.store = store;
        this.timers = timers;
        this.complete = complete;
    }

    /** Reads a roster, if need be once more. */
    void read(ChannelRoster roster) {
        end(roster);
        waiting.add(roster);
        startNext();
    }

    /** Nobody needs the roster any more. */
    void drop(ChannelRoster roster) {
        waiting.remove(roster);
        end(roster);
        startNext();
    }

    private void end(ChannelRoster roster) {
        if (roster.read != null) {
            underWay.remove(roster.read);
            roster.read = null;
        }
    }

    private void startNext() {
        Iterator<ChannelRoster> next = waiting.iterator();
        while (underWay.size() < AT_ONCE && next.hasNext()) {
            ChannelRoster roster = next.next();
            next.remove();
            RosterRead read = new RosterRead(roster, ++markers, timers.nanos());
            roster.read = read;
            underWay.add(read);
            sequencer.afterwards(() -> ask(read));
        }
    }

    private void ask(RosterRead read) {
        store.members(read.roster.channel, read.marker)
                .whenComplete((found, failure) -> sequencer.locked(() -> answered(read, found, failure)));
    }

    private void answered(RosterRead read, @Nullable List<Member> found, @Nullable Throwable failure) {
        if (read.roster.read != read) {
            return;
        }
        if (found != null) {
            read.found(found);
            finish(read);
        } else {
            LOG.log(System.Logger.Level.DEBUG, "cannot read who is on a channel, trying again: {0}", failure);
            end(read.roster);
            long delay = RETRY_MILLIS + Math.floorMod(read.marker * 31, RETRY_MILLIS);
            sequencer.afterwards(() -> timers.after(delay, () -> sequencer.locked(() -> retry(read.roster))));
            startNext();
        }
    }

    private void retry(ChannelRoster roster) {
        if (roster.read == null && !roster.isDropped()) {
            read(roster);
        }
    }

    /** The marker of a read came. */
    void onMarker(ChannelRoster roster, long marker) {
        RosterRead read = roster.read;
        if (read != null && read.marker == marker) {
            read.onMarker();
            finish(read);
        }
    }

    private void finish(RosterRead read) {
        Map<String, Member> now = read.result();
        if (now != null) {
            end(read.roster);
            complete.accept(read.roster, now);
            startNext();
        }
    }

    /** Reads again what has waited too long. */
    void lookForOverdue() {
        List<ChannelRoster> late = new ArrayList<>();
        for (RosterRead read : underWay) {
            if (timers.nanos() - read.startedNanos > OVERDUE_NANOS) {
                late.add(read.roster);
            }
        }
        late.forEach(this::read);
    }
}
