package dev.pushy.core;

/** Something that happens to a member of a channel: it joins or leaves. */
public sealed interface MemberEvent extends ChannelEvent permits Join, Leave {

    /** Whom it is about. */
    Member member();

    /**
     * Whether this is told to those who do not want to hear of mere reconnects; the same has happened, or was told, before
     * as an event that is not settled.
     */
    boolean settled();
}
