package dev.pushy.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who is on one channel, as each node told. Guarded by the lock of {@link MemoryPresence}. */
final class PresenceRoom {
    private final Map<String, Map<Object, Member>> members = new LinkedHashMap<>();
    private final Map<Object, Integer> subscribers = new HashMap<>();

    /**
     * A node has so many connections of the member.
     *
     * @return whether this is the member's join or leave
     */
    boolean update(Object node, Member member) {
        Map<Object, Member> nodes = members.get(member.subject());
        if (member.connections() == 0) {
            boolean left = nodes != null && nodes.remove(node) != null && nodes.isEmpty();
            if (left) {
                members.remove(member.subject());
            }
            return left;
        }
        if (nodes != null) {
            nodes.put(node, member);
            return false;
        }
        Map<Object, Member> first = new LinkedHashMap<>(2);
        first.put(node, member);
        members.put(member.subject(), first);
        return true;
    }

    /**
     * A node has so many subscribers.
     *
     * @return whether the channel is occupied or vacated by this
     */
    boolean update(Object node, int count) {
        boolean occupied = !subscribers.isEmpty();
        if (count == 0) {
            subscribers.remove(node);
        } else {
            subscribers.put(node, count);
        }
        return occupied == subscribers.isEmpty();
    }

    /** What a node told of a subject, or null. */
    @Nullable
    Member told(Object node, String subject) {
        Map<Object, Member> nodes = members.get(subject);
        return nodes == null ? null : nodes.get(node);
    }

    /** All that a node told of its members. */
    List<Member> told(Object node) {
        List<Member> told = new ArrayList<>();
        for (Map<Object, Member> nodes : members.values()) {
            Member member = nodes.get(node);
            if (member != null) {
                told.add(member);
            }
        }
        return told;
    }

    /** The subscribers that a node told. */
    int subscribers(Object node) {
        return subscribers.getOrDefault(node, 0);
    }

    /** The subscribers of all nodes. */
    int subscribers() {
        long sum = 0;
        for (int count : subscribers.values()) {
            sum += count;
        }
        return (int) Math.min(sum, Integer.MAX_VALUE);
    }

    /** Whether a subject is a member, or can become one where there may be so many. */
    boolean hasRoomFor(String subject, int most) {
        return members.size() < most || members.containsKey(subject);
    }

    /** Each member once, with the connections of all nodes and what its first one said about it. */
    List<Member> members() {
        List<Member> all = new ArrayList<>(members.size());
        members.forEach((subject, nodes) -> all.add(sum(subject, nodes.values())));
        return all;
    }

    private static Member sum(String subject, Collection<Member> told) {
        long connections = 0;
        String meta = told.iterator().next().meta();
        for (Member member : told) {
            connections += member.connections();
        }
        return new Member(subject, meta, (int) Math.min(connections, Integer.MAX_VALUE));
    }

    int memberCount() {
        return members.size();
    }

    boolean isEmpty() {
        return members.isEmpty() && subscribers.isEmpty();
    }
}
