package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.PresenceStore.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Holds transitions back, so that whoever is back soon has never been away, and so that they come in an order that makes
 * sense to who hears them.
 *
 * <p>A channel that is vacated waits for the grace time, a member that left for a little less: so the last member has left
 * before the channel is vacated, whichever the store tells first. If the channel is occupied again meanwhile, or the member
 * is back, neither is told. A member that joined waits for the little that is left of the grace time, or until something
 * else is told of its channel: so the channel is occupied before.
 *
 * <p>What was told before, by its id, is dropped: stores tell at least once. When too much waits, what is due first goes
 * before its time. Not thread-safe.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/server_api/webhooks/">webhooks</a>, which wait up to 3 seconds.
 */
final class TransitionGrace {
    private static final int REMEMBERED = 10_000;

    private final long vacatedMillis;
    private final long leftMillis;
    private final long joinedMillis;
    private final int limit;
    private final Consumer<Transition> told;

    private final Waiting vacated = new Waiting();
    private final Waiting left = new Waiting();
    private final Map<Channel, Held> joined = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private int joins;

    private record Key(Channel channel, String subject) {
        static Key of(Transition transition) {
            return new Key(transition.channel(), transition.subject());
        }
    }

    private record Due(Transition transition, long at) {}

    /** Members that joined a channel. */
    private record Held(List<Transition> joins, long at) {}

    /** What may yet be taken back, in the order of its time. */
    private static final class Waiting {
        private final Map<Key, Due> all = new LinkedHashMap<>();

        void put(Transition transition, long at) {
            all.putIfAbsent(Key.of(transition), new Due(transition, at));
        }

        /** Whether what the transition takes back was waiting. */
        boolean takeBack(Transition transition) {
            return all.remove(Key.of(transition)) != null;
        }

        long next() {
            return all.isEmpty()
                    ? Long.MAX_VALUE
                    : all.values().iterator().next().at();
        }

        Transition poll() {
            Iterator<Due> first = all.values().iterator();
            Transition transition = first.next().transition();
            first.remove();
            return transition;
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
     * @param told takes what is settled, in order
     */
    TransitionGrace(Duration grace, int limit, Consumer<Transition> told) {
        this.vacatedMillis = grace.toMillis();
        this.joinedMillis = vacatedMillis / 6;
        this.leftMillis = vacatedMillis - joinedMillis;
        this.limit = limit;
        this.told = told;
    }

    /** Takes what just happened. */
    void take(Transition transition, long now) {
        settle(now);
        if (!known.add(transition.id())) {
            return;
        }
        if (known.size() > REMEMBERED) {
            known.remove(known.iterator().next());
        }
        switch (transition.kind()) {
            case OCCUPIED -> {
                if (!vacated.takeBack(transition)) {
                    told.accept(transition);
                }
                release(transition.channel());
            }
            case JOINED -> {
                if (!left.takeBack(transition)) {
                    hold(transition, now);
                }
            }
            case LEFT -> left.put(transition, now + leftMillis);
            case VACATED -> vacated.put(transition, now + vacatedMillis);
        }
        if (left.size() + vacated.size() + joins > limit) {
            settleFirst();
        }
    }

    private void hold(Transition join, long now) {
        joined.computeIfAbsent(join.channel(), channel -> new Held(new ArrayList<>(), now + joinedMillis))
                .joins()
                .add(join);
        joins++;
    }

    /** Tells of the members that joined the channel, before something else is told of it. */
    void release(Channel channel) {
        Held held = joined.remove(channel);
        if (held != null) {
            joins -= held.joins().size();
            held.joins().forEach(told);
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
            told.accept(left.next() == next ? left.poll() : vacated.poll());
        }
    }

    /** How much waits. */
    @Override
    public String toString() {
        return "TransitionGrace[joined " + joins + ", left " + left.size() + ", vacated " + vacated.size() + "]";
    }
}
