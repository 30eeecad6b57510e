package dev.pushy.core;

/**
 * A member has no connection left on a channel.
 *
 * @param settled false: the moment it happened, for protocols that tell at once. True: the member did not come back
 *     within the grace time, for those that wait. Both are delivered, each format shows one.
 */
public record Leave(Channel channel, Member member, boolean settled) implements MemberEvent {}
