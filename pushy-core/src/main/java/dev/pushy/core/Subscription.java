package dev.pushy.core;

/** One pattern of one subscriber, and its place among those of its shard. Confined to the loop. */
final class Subscription {
    /** The one object that all subscriptions of the node to it share. */
    final ChannelPattern pattern;

    final Interest interest;
    final Subscriber subscriber;
    final SubscriberGroup group;
    /** Whether the world was told that it is live. */
    boolean live;
    /** The place in the group, kept by the group. */
    int index;

    Subscription(Interest interest, Subscriber subscriber, SubscriberGroup group) {
        this.pattern = interest.pattern;
        this.interest = interest;
        this.subscriber = subscriber;
        this.group = group;
    }
}
