package dev.pushy.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who listens to what on one loop, and the way of an event to them. Confined to the loop.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>Groups do not change while an event is handed out: connections tell of their end in a task of its own.
 *   <li>Publications behind which nothing waits are written while they are handed out, past the connections' queues. As soon
 *       as something comes in meanwhile, the connections whose turn has not come get both in one write.
 * </ul>
 */
final class FanOut {
    private static final System.Logger LOG = System.getLogger(FanOut.class.getName());
    /** So many connections are looked at before the first of them is written to: the processor fetches them together. */
    private static final int HANDFUL = 16;

    private final Mailbox mailbox;
    private final Pace pace;
    private final FlushQueue flushes;
    private final HubCounters counters;
    private final Map<Interest, List<SubscriberGroup>> groups = new HashMap<>();

    /** Nothing waits behind what is at hand, and there is time. */
    private boolean last;

    private final @Nullable Subscriber[] handful = new @Nullable Subscriber[HANDFUL];
    private int inHand;

    FanOut(Mailbox mailbox, Pace pace, FlushQueue flushes, HubCounters counters) {
        this.mailbox = mailbox;
        this.pace = pace;
        this.flushes = flushes;
        this.counters = counters;
    }

    /** Those who listen by one interest and share a wire format. */
    SubscriberGroup group(Interest interest, WireFormat format) {
        List<SubscriberGroup> formats = groups.computeIfAbsent(interest, wanted -> new ArrayList<>(1));
        for (SubscriberGroup group : formats) {
            if (group.format == format) {
                return group;
            }
        }
        SubscriberGroup made = new SubscriberGroup(format);
        formats.add(made);
        return made;
    }

    void removeIfEmpty(Interest interest, SubscriberGroup group) {
        if (group.size() == 0) {
            List<SubscriberGroup> formats = groups.get(interest);
            if (formats != null && formats.remove(group) && formats.isEmpty()) {
                groups.remove(interest);
            }
        }
    }

    /**
     * Hands out publications that go the same way.
     *
     * @param nothingWaits there is nothing behind them, and time to write them at once
     */
    void deliver(PreparedBurst burst, boolean nothingWaits) {
        last = nothingWaits;
        for (int i = 0; i < burst.size(); i++) {
            flushes.count(burst.event(i));
        }
        for (Interest interest : burst.last().interests) {
            for (SubscriberGroup group : groups.getOrDefault(interest, List.of())) {
                deliver(burst, group);
            }
        }
    }

    private void deliver(PreparedBurst burst, SubscriberGroup group) {
        @Nullable Subscription[] members = group.members();
        Burst frames = null;
        boolean encoded = false;
        long delivered = 0;
        try {
            for (int i = 0; i < group.size(); i++) {
                Subscriber subscriber = requireMember(members[i]).subscriber;
                if (!subscriber.takes(burst)) {
                    continue;
                }
                if (!encoded) {
                    frames = burst.frames(group.format);
                    encoded = true;
                }
                if (frames != null) {
                    delivered += frames.size();
                    hand(subscriber, frames);
                }
            }
        } finally {
            if (frames != null) {
                writeHandful(frames);
            }
        }
        counters.deliveries.add(delivered);
    }

    private void hand(Subscriber subscriber, Burst frames) {
        if (last && subscriber.connection().backlog() == 0) {
            handful[inHand++] = subscriber;
            if (inHand == HANDFUL) {
                writeHandful(frames);
            }
        } else {
            append(subscriber, frames);
        }
    }

    private void writeHandful(Burst frames) {
        int count = inHand;
        inHand = 0;
        for (int i = 0; i < count; i++) {
            Subscriber subscriber = Objects.requireNonNull(handful[i]);
            handful[i] = null;
            if (!subscriber.connection().writeNow(frames)) {
                append(subscriber, frames);
            }
        }
        last = last && mailbox.isEmpty() && !pace.isLate();
    }

    private void append(Subscriber subscriber, Burst frames) {
        try {
            for (int i = 0; i < frames.size(); i++) {
                subscriber.connection().append(frames.frame(i), frames.publication(i));
            }
            flushes.touch(subscriber);
        } catch (RuntimeException failed) { // the others must not miss the burst for it
            LOG.log(System.Logger.Level.ERROR, "a connection failed", failed);
            subscriber.connection().close(CloseReason.INTERNAL);
        }
    }

    /** Somebody came or went: told to all but those whose own member it is. */
    void tellOfMember(PreparedEvent event) {
        flushes.count(event);
        String subject = ((MemberEvent) event.event).member().subject();
        for (Interest interest : event.interests) {
            for (SubscriberGroup group : groups.getOrDefault(interest, List.of())) {
                tellOfMember(event, subject, group);
            }
        }
    }

    private void tellOfMember(PreparedEvent event, String subject, SubscriberGroup group) {
        @Nullable Subscription[] members = group.members();
        for (int i = 0; i < group.size(); i++) {
            Subscription subscription = requireMember(members[i]);
            Subscriber subscriber = subscription.subscriber;
            if (subject.equals(subscription.self)) {
                subscriber.passOver(event);
            } else if (subscriber.takesMember(event)) {
                subscriber.append(event);
                flushes.touch(subscriber);
            }
        }
    }

    private static Subscription requireMember(@Nullable Subscription member) {
        if (member == null) {
            throw new IllegalStateException("a group has a hole");
        }
        return member;
    }
}
