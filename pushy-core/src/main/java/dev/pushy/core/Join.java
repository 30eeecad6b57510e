package dev.pushy.core;

/**
 * A member that was not present on a channel now is.
 *
 * @param settled false: the moment it happened, for protocols that tell at once. True: it is no mere reconnect, for
 *     those that wait. Both are delivered, each format shows one.
 */
public record Join(Channel channel, Member member, boolean settled) implements MemberEvent {}
