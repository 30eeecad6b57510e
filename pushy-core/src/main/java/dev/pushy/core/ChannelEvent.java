package dev.pushy.core;

/** What a broker carries on a channel: a publication, or a member that joins or leaves. */
public sealed interface ChannelEvent permits Publication, MemberEvent {

    /** The channel that it happened on. */
    Channel channel();
}
