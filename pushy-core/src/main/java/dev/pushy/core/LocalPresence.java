package dev.pushy.core;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * How many connections of this node each subject has on each channel where it is a member, told to the store whenever it
 * changes. Any thread. As large as the memberships of the node, which its connections bound.
 */
final class LocalPresence {
    private static final long RETRY_MILLIS = 500;

    private final PresenceStore store;
    private final HubTimers timers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, LocalMember> members = new HashMap<>();

    LocalPresence(PresenceStore store, HubTimers timers) {
        this.store = store;
        this.timers = timers;
    }

    /**
     * Makes a connection one of those that make somebody a member.
     *
     * @param most how many members the channel may have
     * @param answer told once on any thread whether the member fits, unless it leaves before
     */
    Membership join(Channel channel, Member member, int most, Consumer<Boolean> answer) {
        Key key = new Key(channel, member.subject());
        Membership joined = new Membership(this, key, member.meta(), most, answer);
        Runnable call;
        lock.lock();
        try {
            LocalMember local = members.computeIfAbsent(key, LocalMember::new);
            local.add(joined);
            call = next(local);
        } finally {
            lock.unlock();
        }
        call.run();
        return joined;
    }

    /** The same where a channel may have any number of members. */
    Membership join(Channel channel, Member member) {
        return join(channel, member, Integer.MAX_VALUE, fits -> {});
    }

    /** Takes a connection back; one that did not fit, or has left, changes nothing. */
    void leave(Membership membership) {
        Runnable call = () -> {};
        lock.lock();
        try {
            LocalMember local = members.get(membership.key);
            if (local != null) {
                local.remove(membership);
                call = next(local);
            }
        } finally {
            lock.unlock();
        }
        call.run();
    }

    /** What is to be told to the store now; one thing at a time of each member, so that it hears them in their order. */
    private Runnable next(LocalMember local) {
        LocalMember.Telling telling = local.next();
        if (telling == null) {
            if (local.isGone()) {
                members.remove(local.key);
            }
            return () -> {};
        }
        return () -> store.update(local.key.channel, telling.member(), telling.most())
                .whenComplete((fits, failure) -> {
                    if (failure == null) {
                        told(local, fits);
                    } else {
                        long delay = RETRY_MILLIS + Math.floorMod(local.key.hashCode(), RETRY_MILLIS);
                        timers.after(delay, () -> failed(local));
                    }
                });
    }

    private void told(LocalMember local, boolean fits) {
        Runnable answers;
        Runnable call;
        lock.lock();
        try {
            answers = local.told(fits);
            call = next(local);
        } finally {
            lock.unlock();
        }
        answers.run();
        call.run();
    }

    private void failed(LocalMember local) {
        Runnable call;
        lock.lock();
        try {
            local.failed();
            call = next(local);
        } finally {
            lock.unlock();
        }
        call.run();
    }

    /** How many subscribers a channel has on this node; called in the order of the changes. */
    void occupancy(Channel channel, int subscribers) {
        store.update(channel, subscribers);
    }

    /** A subject on a channel. */
    record Key(Channel channel, String subject) {}
}
