package dev.pushy.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The subscriptions of one connection, and of whom it makes members of their channels. Confined to the loop. */
final class Subscriptions {
    private final Subscriber subscriber;
    private final boolean joinByPolicy;
    private final List<Subscription> live = new ArrayList<>(2);
    /** Memberships without a subscription; few connections have one. */
    private List<Membership> others = List.of();

    Subscriptions(Subscriber subscriber, boolean joinByPolicy) {
        this.subscriber = subscriber;
        this.joinByPolicy = joinByPolicy;
    }

    private Hub hub() {
        return subscriber.hub();
    }

    private HubShard shard() {
        return subscriber.shard();
    }

    /** Those that are live, or on their way with the opening. */
    List<Subscription> all() {
        return live;
    }

    List<ChannelPattern> patterns() {
        List<ChannelPattern> patterns = new ArrayList<>(live.size());
        for (Subscription subscription : live) {
            patterns.add(subscription.pattern);
        }
        return patterns;
    }

    /** Whether one of them matches. */
    boolean matches(Channel channel) {
        for (Subscription subscription : live) {
            if (subscription.pattern.matches(channel)) {
                return true;
            }
        }
        return false;
    }

    boolean overlapAny(Set<ChannelPattern> patterns) {
        for (ChannelPattern pattern : patterns) {
            for (Subscription subscription : live) {
                if (pattern.overlaps(subscription.pattern)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Those that can match channels of a partition. */
    List<ChannelPattern> on(int partition) {
        return on(partition, patterns());
    }

    /** Those of these patterns that can match channels of a partition. */
    List<ChannelPattern> on(int partition, Collection<ChannelPattern> patterns) {
        List<ChannelPattern> found = new ArrayList<>(patterns.size());
        for (ChannelPattern pattern : patterns) {
            if (partition < 0 || pattern.isWildcard() || hub().sequencer().partition(pattern.channel()) == partition) {
                found.add(pattern);
            }
        }
        return found;
    }

    /** The names of what a loss concerns. */
    List<String> concernedBy(Item.Loss loss) {
        Channel channel = loss.channel();
        if (channel != null) {
            return matches(channel) ? List.of(channel.name()) : List.of();
        }
        return names(on(loss.partition()));
    }

    static List<String> names(Collection<ChannelPattern> patterns) {
        List<String> names = new ArrayList<>(patterns.size());
        for (ChannelPattern pattern : patterns) {
            names.add(pattern.toString());
        }
        return names;
    }

    /** Listens, without being live yet. */
    Subscription attach(ChannelPattern pattern) {
        return attach(pattern, hub().hasMembers(pattern));
    }

    /**
     * Listens, without being live yet.
     *
     * @param members whether the node is to know who is on the channel
     */
    Subscription attach(ChannelPattern pattern, boolean members) {
        Interest interest = hub().sequencer().interest().acquire(pattern, shard().index(), members);
        SubscriberGroup group =
                shard().fanOut().group(interest, subscriber.connection().format());
        Subscription subscription = new Subscription(interest, subscriber, group);
        subscription.self = selfOn(pattern);
        group.add(subscription);
        shard().counters().subscriptions.increment();
        return subscription;
    }

    private @Nullable String selfOn(ChannelPattern pattern) {
        for (Membership other : others) {
            if (!pattern.isWildcard() && other.key.channel().equals(pattern.channel())) {
                return other.key.subject();
            }
        }
        return null;
    }

    void detach(Subscription subscription) {
        subscription.group.remove(subscription);
        shard().fanOut().removeIfEmpty(subscription.interest, subscription.group);
        shard().counters().subscriptions.decrement();
        hub().sequencer()
                .interest()
                .release(
                        subscription.interest,
                        shard().index(),
                        hub().limits().interestLinger().toMillis());
    }

    /** Has a way go on whenever one of these is ready. */
    void awaitReady(List<Subscription> awaited, Detour way) {
        for (Subscription subscription : awaited) {
            if (!subscription.interest.isReady()) {
                hub().sequencer()
                        .interest()
                        .whenReady(
                                subscription.interest,
                                () -> subscriber.connection().loop().execute(way::proceed));
            }
        }
    }

    /** Whether all of these can begin, see {@link Interest#isReady}. */
    static boolean areReady(List<Subscription> subscriptions) {
        for (Subscription subscription : subscriptions) {
            if (!subscription.interest.isReady()) {
                return false;
            }
        }
        return true;
    }

    /** Tells the world, and those who are on the channel, that one is live. */
    void tellLive(Subscription subscription) {
        subscription.live = true;
        if (joinByPolicy && subscription.membership == null && hub().hasMembers(subscription.pattern)) {
            Grant grant = subscriber.grant();
            Member member = new Member(grant.subject(), grant.meta(), 0);
            subscription.membership = hub().presence().join(subscription.pattern.channel(), member);
        }
        hub().onSubscribed(subscriber, subscription.pattern);
    }

    /** Makes somebody a member of a channel without a subscription. */
    void join(Channel channel, Member member) {
        if (others.isEmpty()) {
            others = new ArrayList<>(1);
        }
        others.add(hub().presence().join(channel, member));
        for (Subscription subscription : live) {
            if (!subscription.pattern.isWildcard()
                    && subscription.pattern.channel().equals(channel)) {
                subscription.self = member.subject();
            }
        }
    }

    /** Drops those of these patterns. */
    void remove(Collection<ChannelPattern> patterns) {
        for (Subscription subscription : List.copyOf(live)) {
            if (patterns.contains(subscription.pattern)) {
                live.remove(subscription);
                end(subscription);
            }
        }
    }

    /** Drops all, and ends all memberships. */
    void end() {
        others.forEach(Membership::leave);
        others = List.of();
        live.forEach(this::end);
        live.clear();
    }

    /** A member leaves before the channel is left: that is the order in which the world is to hear it. */
    private void end(Subscription subscription) {
        if (subscription.membership != null) {
            subscription.membership.leave();
        }
        detach(subscription);
        if (subscription.live) {
            hub().onUnsubscribed(subscriber, subscription.pattern);
        }
    }
}
