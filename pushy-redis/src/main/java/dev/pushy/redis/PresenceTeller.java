package dev.pushy.redis;

import dev.pushy.core.PresenceStore.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the transitions of a partition while this node is its teller: reads them in the order in which they were decided,
 * tells them, and only then has them forgotten. Whoever is teller next tells again what was not forgotten. Any thread.
 */
final class PresenceTeller {
    private final PresenceCalls calls;
    private final PresenceCounters counters;
    private final Executor thread;
    private final Consumer<Transition> listener;

    /** How often somebody asked to look since the last look began; not 0 while one is under way. */
    private final AtomicInteger asked = new AtomicInteger();

    private volatile @Nullable String node;
    private volatile long waiting;
    /** What was told and is to be forgotten. Touched by the look that is under way. */
    private List<Transition> told = List.of();

    /**
     * Not the teller yet.
     *
     * @param thread where the listener is called, one task at a time
     * @param listener does not throw
     */
    PresenceTeller(PresenceCalls calls, PresenceCounters counters, Executor thread, Consumer<Transition> listener) {
        this.calls = calls;
        this.counters = counters;
        this.thread = thread;
        this.listener = listener;
    }

    /** This node is the teller under this name, or, if null, it is not. */
    void assign(@Nullable String name) {
        node = name;
        waiting = name == null ? 0 : waiting;
    }

    /** How many transitions waited when this node last looked. */
    long waiting() {
        return waiting;
    }

    /** There may be something to tell. */
    void look() {
        if (node != null && asked.getAndIncrement() == 0) {
            read(1);
        }
    }

    private void read(int seen) {
        String name = node;
        if (name == null) {
            told = List.of();
            asked.set(0);
            return;
        }
        calls.outbox(name, told).whenComplete((outbox, failure) -> {
            if (failure != null) {
                asked.set(0); // the next renewal looks again
                return;
            }
            told = List.of();
            waiting = Math.max(0, outbox.waiting());
            if (outbox.transitions().isEmpty()) {
                int more = asked.addAndGet(-seen);
                if (more > 0) {
                    read(more);
                }
            } else {
                thread.execute(() -> tell(outbox.transitions(), seen));
            }
        });
    }

    private void tell(List<Transition> transitions, int seen) {
        List<Transition> heard = new ArrayList<>(transitions.size());
        for (Transition transition : transitions) {
            if (node == null) {
                break; // the next teller tells the others
            }
            listener.accept(transition);
            heard.add(transition);
        }
        counters.told(heard.size());
        told = heard;
        read(seen);
    }
}
