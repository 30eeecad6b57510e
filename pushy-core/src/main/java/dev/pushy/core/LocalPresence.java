package dev.pushy.core;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How many connections of this node each subject has on each channel with presence, told to the store whenever it changes.
 * Any thread. As large as the subscriptions of the node, each of which is bounded by its connection.
 */
final class LocalPresence {
    private final PresenceStore store;
    private final SerialCalls storeCalls = new SerialCalls();
    private final ConcurrentMap<Key, Integer> connections = new ConcurrentHashMap<>();

    LocalPresence(PresenceStore store) {
        this.store = store;
    }

    void join(Channel channel, Grant grant) {
        connections.compute(
                new Key(channel, grant.subject()), (key, count) -> tell(key, grant, count == null ? 1 : count + 1));
        storeCalls.drain();
    }

    void leave(Channel channel, Grant grant) {
        connections.computeIfPresent(new Key(channel, grant.subject()), (key, count) -> {
            int left = tell(key, grant, count - 1);
            return left == 0 ? null : left;
        });
        storeCalls.drain();
    }

    /** The count and the place of its call are decided together, so that the store hears the counts in their order. */
    private int tell(Key key, Grant grant, int count) {
        Member member = new Member(key.subject, grant.meta(), count);
        storeCalls.add(() -> store.update(key.channel, member));
        return count;
    }

    /** How many subscribers a channel has on this node; called in the order of the changes. */
    void occupancy(Channel channel, int subscribers) {
        store.update(channel, subscribers);
    }

    private record Key(Channel channel, String subject) {}
}
