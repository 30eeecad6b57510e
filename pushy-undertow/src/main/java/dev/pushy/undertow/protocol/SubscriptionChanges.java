package dev.pushy.undertow.protocol;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Cursor;
import dev.pushy.core.Limits;
import dev.pushy.core.Resume;
import dev.pushy.core.Subscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one connection's subscriptions that are under way. Those on their way count against the limits like those
 * that are there, and only so many changes may wait. Confined to the loop.
 */
final class SubscriptionChanges {
    private static final int MAX_WAITING = 100;

    private final Limits limits;
    private final Subscriber subscriber;
    private final List<ChannelPattern> joining = new ArrayList<>();
    private int waiting;

    SubscriptionChanges(Limits limits, Subscriber subscriber) {
        this.limits = limits;
        this.subscriber = subscriber;
    }

    /**
     * Adds subscriptions.
     *
     * @throws RequestException if there would be too many, or too many changes wait
     */
    void add(List<ChannelPattern> patterns, Resume since, Consumer<Subscriber.Added> done) {
        requireQuiet();
        List<ChannelPattern> present = new ArrayList<>(subscriber.patterns());
        present.addAll(joining);
        Names.requireRoom(limits, present, patterns);
        waiting++;
        joining.addAll(patterns);
        subscriber.add(patterns, since, added -> {
            waiting--;
            patterns.forEach(joining::remove);
            done.accept(added);
        });
    }

    /**
     * Drops subscriptions.
     *
     * @throws RequestException if too many changes wait
     */
    void remove(List<ChannelPattern> patterns, Consumer<@Nullable Cursor> done) {
        requireQuiet();
        waiting++;
        subscriber.remove(patterns, cursor -> {
            waiting--;
            done.accept(cursor);
        });
    }

    private void requireQuiet() {
        if (waiting >= MAX_WAITING) {
            throw new RequestException(
                    Fault.RATE_LIMITED,
                    MAX_WAITING + " changes of this connection's subscriptions wait: wait for their answers");
        }
    }
}
