package dev.pushy.redis;

import dev.pushy.core.PresenceStore.Transition;
import dev.pushy.redis.PresenceCalls.Outbox;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells the transitions of a partition while this node is its teller, in the order in which they were decided, and has each
 * forgotten when it has been dealt with. Whoever is teller next tells again what was not forgotten. Any thread.
 */
final class PresenceTeller {
    /*
     * One look is under way at a time, and goes on until there is nothing to forget and nothing to read, or no room for it.
     * Each call of Redis forgets some that are done, in the order in which they were done, and reads behind the last one
     * that was read. What was told stays in flight until Redis has forgotten it, or until it failed: then it stays in the
     * outbox for the next teller.
     *
     * A new term reads from the start, and so does a link that came up again, since there may be another Redis behind it
     * which has less, and other ids. What is in flight is not told a second time then. What the first reading of a term
     * finds may have been told by the teller before.
     */

    /** More than one webhook lets wait before it gives up the oldest, so that one does not hold up the others. */
    static final int IN_FLIGHT = 50_000;

    private static final String START = "";

    /** A time for which this node is the teller, under this name. Each is another one, even under the same name. */
    private static final class Term {
        private final String node;

        Term(String node) {
            this.node = node;
        }
    }

    private final PresenceCalls calls;
    private final PresenceCounters counters;
    private final Executor thread;
    private final Function<Transition, CompletionStage<Void>> listener;
    private final int room;

    /** How often somebody asked to look since the last look began; not 0 while one is under way. */
    private final AtomicInteger asked = new AtomicInteger();
    /** What was told and not forgotten, by id. At most so many more than there is room for as are read at once. */
    private final Set<String> inFlight = ConcurrentHashMap.newKeySet();
    /** Those of them that are dealt with, and are to be forgotten. */
    private final Queue<String> done = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean fromStart = new AtomicBoolean();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile boolean ending;
    private volatile @Nullable Term term;
    private volatile long waiting;

    // Touched by the look that is under way.
    private List<String> forgetting = List.of();
    private @Nullable Term readTerm;
    private String last = START;
    private boolean first;

    /**
     * Not the teller yet.
     *
     * @param thread where the listener is called, one task at a time
     * @param listener does not throw
     * @param room how many may be in flight before no more are read
     */
    PresenceTeller(
            PresenceCalls calls,
            PresenceCounters counters,
            Executor thread,
            Function<Transition, CompletionStage<Void>> listener,
            int room) {
        this.calls = calls;
        this.counters = counters;
        this.thread = thread;
        this.listener = listener;
        this.room = room;
    }

    /** This node is the teller under this name, or, if null, it is not. One call at a time. */
    void assign(@Nullable String name) {
        Term before = term;
        if (name == null) {
            term = null;
            waiting = 0;
        } else if (before == null || !before.node.equals(name)) {
            term = new Term(name);
        }
    }

    /** How many transitions were not dealt with when this node last looked. */
    long waiting() {
        return waiting;
    }

    /** There may be something to tell, or to forget. */
    void look() {
        if (asked.getAndIncrement() == 0) {
            read(1);
        }
    }

    /** There may be something among what was read already. */
    void lookFromStart() {
        fromStart.set(true);
        look();
    }

    /**
     * Nothing more is told. Completes when all that was told is dealt with and forgotten, or has failed; exceptionally when
     * Redis cannot be told.
     */
    CompletionStage<Void> end() {
        term = null;
        ending = true;
        look();
        endIfIdle();
        return end;
    }

    private void endIfIdle() {
        if (ending && inFlight.isEmpty()) {
            end.complete(null);
        }
    }

    private void read(int seen) {
        Term now = term;
        boolean again = fromStart.getAndSet(false);
        if (now != readTerm) {
            readTerm = now;
            last = START;
            first = true;
        } else if (again) {
            last = START;
        }
        if (forgetting.isEmpty()) {
            forgetting = someDone();
        }
        if (now == null && forgetting.isEmpty()) {
            rest(seen);
            return;
        }
        int most = inFlight.size() - forgetting.size() < room ? PresenceCalls.BATCH : 0;
        calls.outbox(now == null ? "" : now.node, last, most, forgetting).whenComplete((outbox, failure) -> {
            if (failure != null) {
                if (ending) {
                    end.completeExceptionally(failure);
                }
                asked.set(0); // the next renewal looks again
            } else {
                answered(now, outbox, most, seen);
            }
        });
    }

    private List<String> someDone() {
        List<String> some = new ArrayList<>();
        for (String id = done.poll(); id != null; id = done.poll()) {
            some.add(id);
            if (some.size() == PresenceCalls.BATCH) {
                break;
            }
        }
        return some;
    }

    private void answered(@Nullable Term now, Outbox outbox, int most, int seen) {
        inFlight.removeAll(forgetting);
        forgetting = List.of();
        endIfIdle();
        List<Transition> found = outbox.transitions();
        waiting = Math.max(0, outbox.waiting());
        if (outbox.waiting() < 0) {
            readTerm = null; // another one tells meanwhile
        }
        boolean more = found.size() == PresenceCalls.BATCH;
        if (now != null && !found.isEmpty()) {
            last = found.get(found.size() - 1).id();
            boolean may = first;
            first &= more;
            thread.execute(() -> tell(now, found, may, seen));
        } else {
            first &= most == 0;
            rest(seen);
        }
    }

    /** Ends the look, unless somebody has asked since it began, or more is to be forgotten. */
    private void rest(int seen) {
        if (!done.isEmpty()) {
            read(seen);
            return;
        }
        int more = asked.addAndGet(-seen);
        if (more > 0) {
            read(more);
        }
    }

    private void tell(Term now, List<Transition> transitions, boolean again, int seen) {
        int told = 0;
        for (Transition each : transitions) {
            if (term != now) {
                break; // the next term tells the others
            }
            if (inFlight.add(each.id())) {
                told++;
                tell(again ? again(each) : each);
            }
        }
        counters.told(told);
        read(seen);
    }

    private static Transition again(Transition each) {
        return new Transition(each.id(), each.kind(), each.channel(), each.subject(), each.time(), true);
    }

    private void tell(Transition transition) {
        CompletionStage<Void> stage = listener.apply(transition);
        if (stage == Transition.DONE) {
            done.add(transition.id()); // the look under way goes on
            return;
        }
        stage.whenComplete((dealtWith, failure) -> {
            if (failure == null) {
                done.add(transition.id());
                look();
            } else {
                inFlight.remove(transition.id());
                endIfIdle();
                look(); // there is room again
            }
        });
    }
}
