package dev.pushy.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rosters of channels at the cut of an {@link Entrance}. Each passes through the shard in its order: the joins and
 * leaves before it are in it, those behind it are not. Confined to the loop.
 */
final class RosterCut {
    private final Subscriber subscriber;
    private final Entry entry;
    private final Entrance asker;
    private final Map<Channel, RosterRequest> requests = new HashMap<>();
    private final Map<Channel, List<Member>> rosters = new HashMap<>();

    RosterCut(Subscriber subscriber, Entry entry, Entrance asker) {
        this.subscriber = subscriber;
        this.entry = entry;
        this.asker = asker;
    }

    /** Whether rosters are asked for. */
    boolean isWanted() {
        return entry.roster() != Entry.Roster.NONE;
    }

    /** Asks for those that were not asked for, and says whether all are there. */
    boolean take(List<Subscription> joining) {
        if (!isWanted()) {
            return true;
        }
        for (Subscription subscription : joining) {
            Channel channel = subscription.pattern.channel();
            if (!requests.containsKey(channel)) {
                RosterRequest request =
                        new RosterRequest(subscription.interest, entry.roster(), subscriber.shard(), asker);
                requests.put(channel, request);
                Sequencer sequencer = subscriber.hub().sequencer();
                sequencer.locked(() -> sequencer.rosters().ask(request));
            }
        }
        return rosters.size() == joining.size();
    }

    /** One passed through the shard. False if it is none of these. */
    boolean onRoster(Item.Rostered told) {
        Channel channel = told.request().interest.pattern.channel();
        boolean mine = requests.get(channel) == told.request();
        if (mine) {
            rosters.put(channel, told.members());
        }
        return mine;
    }

    /** Whether the roster of a channel is there, and what comes now is behind it. */
    boolean holds(Channel channel) {
        return rosters.containsKey(channel);
    }

    /** All of them, the connection's own member among theirs: its join may not have come here yet. */
    Map<Channel, List<Member>> told() {
        Member self = entry.member();
        if (self != null) {
            rosters.replaceAll((channel, members) -> contains(members, self) ? members : append(members, self));
        }
        return rosters;
    }

    private static boolean contains(List<Member> members, Member self) {
        for (Member member : members) {
            if (member.subject().equals(self.subject())) {
                return true;
            }
        }
        return false;
    }

    private static List<Member> append(List<Member> members, Member self) {
        List<Member> all = new ArrayList<>(members);
        all.add(new Member(self.subject(), self.meta(), 0));
        return all;
    }

    /** Voids what was asked. */
    void reset() {
        Sequencer sequencer = subscriber.hub().sequencer();
        requests.values()
                .forEach(request -> sequencer.locked(() -> sequencer.rosters().forget(request)));
        requests.clear();
        rosters.clear();
    }
}
