package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/** One pattern of one subscriber, and its place among those of its shard. Confined to the loop. */
final class Subscription {
    /** The one object that all subscriptions of the node to it share. */
    final ChannelPattern pattern;

    final Interest interest;
    final Subscriber subscriber;
    final SubscriberGroup group;
    /** Whether the world was told that it is live. */
    boolean live;
    /** By which it makes somebody a member of the channel; it ends with the subscription. */
    @Nullable
    Membership membership;
    /** Whose joins and leaves are not told, since it is the connection's own member. */
    @Nullable
    String self;
    /** The place in the group, kept by the group. */
    int index;

    Subscription(Interest interest, Subscriber subscriber, SubscriberGroup group) {
        this.pattern = interest.pattern;
        this.interest = interest;
        this.subscriber = subscriber;
        this.group = group;
    }
}
