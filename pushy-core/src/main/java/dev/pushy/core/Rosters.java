package dev.pushy.core;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this node hears of members, put into its one order: each join and leave is told at once, and again when it is
 * settled. Guarded by the sequencer's lock.
 *
 * <p>Of each channel with presence that somebody here subscribes to by its name there is a {@link ChannelRoster}. It keeps
 * back what is no news, and is read again whenever events may have been lost; what has changed meanwhile is then told as
 * joins and leaves. Of channels that are heard by patterns only, all is told as it comes.
 *
 * <p>As large as the members of the channels that are subscribed here, which their connections and the other nodes bound.
 */
final class Rosters {
    private static final int MAX_WAITING_LEAVES = 100_000;
    private static final long LOOK_MILLIS = 1_000;

    private final Sequencer sequencer;
    private final RosterReads reads;
    private final PresenceGrace grace;

    Rosters(Sequencer sequencer, PresenceStore store, HubTimers timers, Limits limits) {
        this.sequencer = sequencer;
        this.reads = new RosterReads(sequencer, store, timers, this::adopt);
        this.grace = new PresenceGrace(
                limits.presenceGrace(),
                MAX_WAITING_LEAVES,
                () -> timers.nanos() / 1_000_000,
                (task, millis) -> timers.after(millis, () -> sequencer.locked(task)),
                this::settle);
        timers.every(LOOK_MILLIS, () -> sequencer.locked(reads::lookForOverdue));
    }

    // What the store says, in the order of its partition.

    /** Somebody joined or left. */
    void onEvent(MemberEvent event) {
        ChannelRoster roster = roster(event.channel());
        if (roster != null && roster.read != null) {
            roster.read.hear(event);
        }
        tell(roster, event);
    }

    /** The echo of a read. */
    void onMarker(Channel channel, long marker) {
        ChannelRoster roster = roster(channel);
        if (roster != null) {
            reads.onMarker(roster, marker);
        }
    }

    private @Nullable ChannelRoster roster(Channel channel) {
        Interest interest = sequencer.exactInterest(channel);
        return interest == null ? null : interest.roster;
    }

    private void tell(@Nullable ChannelRoster roster, MemberEvent event) {
        if (!sequencer.isHeard(event.channel())) {
            grace.cancel(event.channel(), event.member().subject());
        } else if (event instanceof Join join) {
            join(roster, join);
        } else {
            leave(roster, (Leave) event);
        }
    }

    private void join(@Nullable ChannelRoster roster, Join join) {
        if (roster != null && !roster.join(join.member())) {
            return;
        }
        sequencer.hand(join);
        boolean back = grace.cancel(join.channel(), join.member().subject());
        if (roster == null ? !back : !roster.endLeave(join.member().subject())) {
            sequencer.hand(new Join(join.channel(), join.member(), true));
        }
    }

    private void leave(@Nullable ChannelRoster roster, Leave leave) {
        if (roster == null || roster.leave(leave.member())) {
            sequencer.hand(leave);
            grace.add(leave);
        }
    }

    private void settle(Leave leave) {
        ChannelRoster roster = roster(leave.channel());
        if (roster == null || roster.endLeave(leave.member().subject())) {
            sequencer.hand(new Leave(leave.channel(), leave.member(), true));
        }
    }

    private void adopt(ChannelRoster roster, Map<String, Member> now) {
        roster.differences(now).forEach(news -> tell(roster, news));
        roster.adopt(now);
        Interest interest = sequencer.exactInterest(roster.channel);
        if (interest != null && interest.roster == roster) {
            interest.rosterKnown().forEach(sequencer::afterwards);
        }
        roster.takeWaiting().forEach(request -> answer(roster, request));
    }

    // What the node does.

    /** The node is to know who is on a channel. */
    void keep(Interest interest) {
        if (interest.roster == null) {
            interest.roster = new ChannelRoster(interest.pattern.channel());
            interest.awaitRoster();
            readIfHeard(interest);
        }
    }

    /** From here on every event of the interest is heard, if it was not before. */
    void readIfHeard(Interest interest) {
        ChannelRoster roster = interest.roster;
        if (roster != null && interest.isAcknowledged() && sequencer.isInSync(roster.channel)) {
            reads.read(roster);
        }
    }

    /** The interest has lapsed: what waits to be settled is so now, for those who listen by patterns. */
    void drop(Interest interest) {
        ChannelRoster roster = interest.roster;
        if (roster != null) {
            for (Member member : List.copyOf(roster.leaving())) {
                grace.settleNow(roster.channel, member.subject());
            }
            roster.drop();
            reads.drop(roster);
            interest.roster = null;
        }
    }

    /** Has a connection told who is on a channel, at a place of its loop's order, as soon as that is known. */
    void ask(RosterRequest request) {
        ChannelRoster roster = request.interest.roster;
        if (roster != null && roster.isKnown()) {
            answer(roster, request);
        } else if (roster != null) {
            roster.await(request);
        }
    }

    /** A connection does not want to know any more. */
    void forget(RosterRequest request) {
        ChannelRoster roster = request.interest.roster;
        if (roster != null) {
            roster.forget(request);
        }
    }

    private void answer(ChannelRoster roster, RosterRequest request) {
        Item told = new Item.Rostered(request, roster.members(request.view), sequencer.cursor());
        sequencer.hand(told, request.shard);
    }

    void close() {
        grace.close();
    }
}
