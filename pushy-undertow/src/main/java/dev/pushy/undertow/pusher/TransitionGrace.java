package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.PresenceStore.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds transitions back, so that whoever is back soon has never been away, and so that they come in an order that makes
 * sense to who hears them.
 *
 * <p>A channel that is vacated waits for the grace time, a member that left for a little less: so the last member has left
 * before the channel is vacated, whichever the store tells first. If the channel is occupied again meanwhile, or the member
 * is back, neither is told. A member that joined waits for the little that is left of the grace time, or until something
 * else is told of its channel: so the channel is occupied before.
 *
 * <p>What comes a second time, by its id, is dropped, and ends as the first: stores tell at least once. What another node
 * may have told before is not taken back: whoever heard of it has to hear of the return, too. When too much waits, what is
 * due first goes before its time. Not thread-safe.
 *
 * <p>Of what is taken back the delivery ends here, that of the leave first: if the process ends between the two it is the
 * return that is told again.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/server_api/webhooks/">webhooks</a>, which wait up to 3 seconds.
 */
final class TransitionGrace {
    private static final int REMEMBERED = 10_000;

    private final long vacatedMillis;
    private final long leftMillis;
    private final long joinedMillis;
    private final int limit;
    private final BiConsumer<Transition, Delivery> told;

    private final Waiting vacated = new Waiting();
    private final Waiting left = new Waiting();
    private final Map<Channel, Held> joined = new LinkedHashMap<>();
    private final Map<String, Delivery> known = new LinkedHashMap<>();
    private int joins;

    private record Key(Channel channel, String subject) {
        static Key of(Transition transition) {
            return new Key(transition.channel(), transition.subject());
        }
    }

    private record Pending(Transition transition, Delivery delivery) {}

    private record Due(Pending pending, long at) {}

    /** Members that joined a channel. */
    private record Held(List<Pending> joins, long at) {}

    /** What may yet be taken back, in the order of its time. */
    private static final class Waiting {
        private final Map<Key, Due> all = new LinkedHashMap<>();

        /** One is enough where the return between two was lost. */
        void put(Pending pending, long at) {
            if (all.putIfAbsent(Key.of(pending.transition()), new Due(pending, at)) != null) {
                pending.delivery().end();
            }
        }

        /** What the transition takes back, if that is waiting. */
        @Nullable
        Pending find(Transition transition) {
            Due due = all.get(Key.of(transition));
            return due == null ? null : due.pending();
        }

        void remove(Transition transition) {
            all.remove(Key.of(transition));
        }

        long next() {
            return all.isEmpty()
                    ? Long.MAX_VALUE
                    : all.values().iterator().next().at();
        }

        Pending poll() {
            Iterator<Due> first = all.values().iterator();
            Pending pending = first.next().pending();
            first.remove();
            return pending;
        }

        int size() {
            return all.size();
        }
    }

    /**
     * Nothing waits yet.
     *
     * @param grace how long a channel must be vacated to be told so
     * @param limit the most transitions that wait
     * @param told takes what is settled, in order, and ends its delivery
     */
    TransitionGrace(Duration grace, int limit, BiConsumer<Transition, Delivery> told) {
        this.vacatedMillis = grace.toMillis();
        this.joinedMillis = vacatedMillis / 6;
        this.leftMillis = vacatedMillis - joinedMillis;
        this.limit = limit;
        this.told = told;
    }

    /** Takes what just happened. */
    void take(Transition transition, Delivery delivery, long now) {
        settle(now);
        Delivery before = known.putIfAbsent(transition.id(), delivery);
        if (before != null) {
            before.endAlso(delivery);
            return;
        }
        if (known.size() > REMEMBERED) {
            known.remove(known.keySet().iterator().next());
        }
        Pending pending = new Pending(transition, delivery);
        switch (transition.kind()) {
            case OCCUPIED -> {
                if (!takesBack(vacated, pending)) {
                    tell(pending);
                }
                release(transition.channel());
            }
            case JOINED -> {
                if (!takesBack(left, pending)) {
                    hold(pending, now);
                }
            }
            case LEFT -> left.put(pending, now + leftMillis);
            case VACATED -> vacated.put(pending, now + vacatedMillis);
        }
        if (left.size() + vacated.size() + joins > limit) {
            settleFirst();
        }
    }

    private boolean takesBack(Waiting waiting, Pending comes) {
        Pending gone = waiting.find(comes.transition());
        if (gone == null) {
            return false;
        }
        if (gone.transition().again()) {
            while (gone.equals(waiting.find(comes.transition()))) {
                settleFirst(); // with all that is to be told before
            }
            return false;
        }
        waiting.remove(gone.transition());
        gone.delivery().end();
        comes.delivery().end();
        return true;
    }

    private void hold(Pending join, long now) {
        joined.computeIfAbsent(join.transition().channel(), channel -> new Held(new ArrayList<>(), now + joinedMillis))
                .joins()
                .add(join);
        joins++;
    }

    private void tell(Pending pending) {
        told.accept(pending.transition(), pending.delivery());
    }

    /** Tells of the members that joined the channel, before something else is told of it. */
    void release(Channel channel) {
        Held held = joined.remove(channel);
        if (held != null) {
            joins -= held.joins().size();
            held.joins().forEach(this::tell);
        }
    }

    /** Tells what is due. */
    void settle(long now) {
        while (next() <= now) {
            settleFirst();
        }
    }

    /** Tells all that waits, before its time. */
    void settleAll() {
        settle(Long.MAX_VALUE - 1);
    }

    boolean isEmpty() {
        return next() == Long.MAX_VALUE;
    }

    private long next() {
        return Math.min(nextJoined(), Math.min(left.next(), vacated.next()));
    }

    private long nextJoined() {
        return joined.isEmpty()
                ? Long.MAX_VALUE
                : joined.values().iterator().next().at();
    }

    private void settleFirst() {
        long next = next();
        if (nextJoined() == next) {
            release(joined.keySet().iterator().next());
        } else {
            tell(left.next() == next ? left.poll() : vacated.poll());
        }
    }

    /** How much waits. */
    @Override
    public String toString() {
        return "TransitionGrace[joined " + joins + ", left " + left.size() + ", vacated " + vacated.size() + "]";
    }
}
