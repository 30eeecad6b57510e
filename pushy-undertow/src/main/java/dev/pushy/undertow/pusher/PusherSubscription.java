package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import org.jspecify.annotations.Nullable;

/** A subscription that a client asked for and was allowed. Confined to the loop. */
final class PusherSubscription {
    final String name;
    final Channel channel;
    final ChannelKind kind;
    /** As whom, on a channel with members. */
    final @Nullable Member member;
    /** Whether the client has been told that it is subscribed. */
    boolean live;

    PusherSubscription(String name, Channel channel, @Nullable Member member) {
        this.name = name;
        this.channel = channel;
        this.kind = ChannelKind.of(name);
        this.member = member;
    }

    /** Whether subscribers are told how many they are, where the app wants that. */
    boolean isCounted() {
        return !kind.hasMembers() && kind != ChannelKind.USER;
    }
}
