package dev.pushy.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is on one channel, as this node has told it to its connections. Guarded by the sequencer's lock.
 *
 * <p>It changes with what is handed out and never apart from it, so that whoever is given it at one place of the node's
 * order can go on with the joins and leaves behind that place. Two kinds of those are handed out, hence two views: who is
 * present, and who has not left for those who hear of settled leaves only, which are those and the {@link #leaving}.
 *
 * <p>Until it was read from the store it is not known, and takes every event for news.
 */
final class ChannelRoster {
    final Channel channel;
    private final Map<String, Member> present = new LinkedHashMap<>();
    /** Their leave was told, but is not settled. */
    private final Map<String, Member> leaving = new LinkedHashMap<>();
    /** Who waits until it is known. */
    private final Set<RosterRequest> waiting = new LinkedHashSet<>();

    private @Nullable List<Member> snapshot;
    private boolean known;
    private boolean dropped;
    /** The read that is under way; {@link RosterReads} sets it. */
    @Nullable
    RosterRead read;

    ChannelRoster(Channel channel) {
        this.channel = channel;
    }

    boolean isKnown() {
        return known;
    }

    /** Whether the interest in the channel has lapsed. */
    boolean isDropped() {
        return dropped;
    }

    void drop() {
        dropped = true;
    }

    /** Somebody joins. False if he is here, and this is no news. */
    boolean join(Member member) {
        if (present.containsKey(member.subject())) {
            return false;
        }
        present.put(member.subject(), named(member));
        snapshot = null;
        return true;
    }

    /** Somebody leaves. False if he is not here, and this is no news. */
    boolean leave(Member member) {
        Member left = present.remove(member.subject());
        snapshot = null;
        if (left == null && (known || leaving.containsKey(member.subject()))) {
            return false;
        }
        leaving.put(member.subject(), left == null ? named(member) : left);
        return true;
    }

    /** A leave is settled, or void because the member is back. False if none was waiting. */
    boolean endLeave(String subject) {
        return leaving.remove(subject) != null;
    }

    /** Those whose leave is not settled. */
    Collection<Member> leaving() {
        return leaving.values();
    }

    /** How what is here differs from what the store says, as news. Of those who were here before the first read it is none. */
    List<MemberEvent> differences(Map<String, Member> read) {
        List<MemberEvent> news = new ArrayList<>();
        for (Member member : present.values()) {
            if (!read.containsKey(member.subject())) {
                news.add(new Leave(channel, member, false));
            }
        }
        for (Member member : read.values()) {
            if (known && !present.containsKey(member.subject())) {
                news.add(new Join(channel, named(member), false));
            }
        }
        return news;
    }

    /** Takes what the store says, in its order, when the differences have been told. */
    void adopt(Map<String, Member> read) {
        present.clear();
        snapshot = null;
        for (Member member : read.values()) {
            present.put(member.subject(), named(member));
            leaving.remove(member.subject());
        }
        known = true;
    }

    private static Member named(Member member) {
        return member.connections() == 0 ? member : new Member(member.subject(), member.meta(), 0);
    }

    /** The members of a view, in the order in which they came. */
    List<Member> members(Entry.Roster view) {
        if (view == Entry.Roster.SETTLED && !leaving.isEmpty()) {
            List<Member> all = new ArrayList<>(present.values());
            all.addAll(leaving.values());
            return all;
        }
        if (snapshot == null) {
            snapshot = List.copyOf(present.values());
        }
        return snapshot;
    }

    void await(RosterRequest request) {
        waiting.add(request);
    }

    void forget(RosterRequest request) {
        waiting.remove(request);
    }

    /** Those who waited, once. */
    List<RosterRequest> takeWaiting() {
        List<RosterRequest> waited = List.copyOf(waiting);
        waiting.clear();
        return waited;
    }
}
