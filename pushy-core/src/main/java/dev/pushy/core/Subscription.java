package dev.pushy.core;

/** One pattern of one subscriber, and its place among those of its shard. Confined to the loop. */
final class Subscription {
    final ChannelPattern pattern;
    final Interest interest;
    final Subscriber subscriber;
    final SubscriberGroup group;
    /** Whether the world was told that it is live. */
    boolean live;
    /** The place in the group, kept by the group. */
    int index;

    Subscription(ChannelPattern pattern, Interest interest, Subscriber subscriber, SubscriberGroup group) {
        this.pattern = pattern;
        this.interest = interest;
        this.subscriber = subscriber;
        this.group = group;
    }
}
