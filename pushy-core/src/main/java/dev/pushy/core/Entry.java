package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/**
 * How a connection enters channels, see {@link Subscriber#enter}.
 *
 * @param member whom the connection makes a member of the channels for as long as it is subscribed, or null. Of a subject
 *     with several connections on a channel counts what the first one said
 * @param mostMembers how many members a channel may have; whoever is a member already always fits
 * @param roster whose names the answer holds
 * @param retained whether the answer holds the message that the broker keeps of each channel
 */
public record Entry(@Nullable Member member, int mostMembers, Roster roster, boolean retained) {

    /** To subscribe, and nothing else. */
    public static final Entry PLAIN = new Entry(null, Integer.MAX_VALUE, Roster.NONE, false);

    /** Which members an answer names. The joins and leaves of the same kind follow, each exactly once. */
    public enum Roster {
        /** None. */
        NONE,
        /** Who is there at this moment: what is not {@link Join#settled} follows. */
        AT_ONCE,
        /** Who is there, or left so lately that he may be back: what is {@link Join#settled} follows. */
        SETTLED
    }

    /** Checks the bound. */
    public Entry {
        if (mostMembers < 1) {
            throw new IllegalArgumentException("mostMembers is " + mostMembers + ", it must be at least 1");
        }
    }

    /** Whether the node is to know who is on the channels. */
    boolean concernsMembers() {
        return member != null || roster != Roster.NONE;
    }

    /** The same, with the retained messages. */
    public Entry withRetained() {
        return new Entry(member, mostMembers, roster, true);
    }
}
