package dev.pushy.redis;

import dev.pushy.core.UnavailableException;
import dev.pushy.redis.PresenceCalls.Answer;
import dev.pushy.redis.PresenceCalls.Renewal;
import dev.pushy.redis.PresenceCalls.Standing;
import dev.pushy.redis.PresenceCalls.Update;
import dev.pushy.redis.PresenceEntry.Said;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What this node says to one partition, and under which name. Any thread. */
final class PresencePartition {
    /*
     * The wanted state is in the book, and Redis is brought to it. One call is under way at a time, with as many entries as
     * one step of Redis may have; so calls are never out of order, and a wish that changes while it waits is said once.
     *
     * Each call has a number, which Redis keeps. A call that got no answer and comes to life after later ones is refused by
     * its number. A Redis that has seen fewer calls than it has answered has gone back.
     *
     * The node keeps its name until Redis says otherwise. ENDED: it was taken for dead, its members were told to have left,
     * or will be. It takes a new name and says all that it wants as if for the first time; a member who was not taken back
     * yet is on two nodes by that, so nobody hears of it. LOST: Redis has forgotten. The node takes a new name, says again
     * what had been confirmed, of which the outbox is not told, and then what is different by now. When that is done the
     * former name is ended, as quietly: an old state of Redis may hold members who left since.
     */
    private static final Logger LOG = System.getLogger(PresencePartition.class.getName());

    private final PresenceCalls calls;
    private final PresenceTeller teller;
    private final PresenceReaper reaper;
    private final PresenceCounters counters;
    private final FaultLog faults = new FaultLog(LOG);

    private final ReentrantLock lock = new ReentrantLock();
    private final PresenceBook book = new PresenceBook();
    private List<Said> underWay = List.of();
    /** What is to be done without the lock. */
    private List<Runnable> afterwards = new ArrayList<>();

    private @Nullable String name;
    private @Nullable String former;
    private long call;
    private long known;
    private boolean busy;
    private boolean away;
    private boolean renewalDue;
    private boolean closed;

    /** Nothing is said yet. */
    PresencePartition(PresenceCalls calls, PresenceTeller teller, PresenceReaper reaper, PresenceCounters counters) {
        this.calls = calls;
        this.teller = teller;
        this.reaper = reaper;
        this.counters = counters;
    }

    /**
     * Says something; false is answered where there was no room. While Redis is away it fails when the next try does, and is
     * said nevertheless when Redis is back.
     */
    CompletionStage<Boolean> say(Statement statement) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        locked(() -> {
            if (closed) {
                fail(List.of(answer), new UnavailableException("the presence store is closed"));
                return;
            }
            if (!book.want(statement, answer)) {
                afterwards.add(() -> answer.complete(true));
            }
        });
        next();
        return answer;
    }

    /** Keeps the lease. */
    void renew() {
        locked(() -> {
            renewalDue = true;
            away = false;
        });
        next();
    }

    /** Tries again if Redis was away. */
    void retry() {
        locked(() -> {
            renewalDue |= away;
            away = false;
        });
        next();
    }

    /** How many channels and subjects this node has something to say of. */
    int size() {
        lock.lock();
        try {
            return book.size();
        } finally {
            lock.unlock();
        }
    }

    /** The name under which the node has a lease, or null. */
    @Nullable
    String name() {
        lock.lock();
        try {
            return name;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Says nothing more. Idempotent.
     *
     * @return the names that are to be ended, and what was said under them to be taken back
     */
    List<String> close() {
        List<String> names = new ArrayList<>(2);
        locked(() -> {
            closed = true;
            teller.assign(null);
            fail(book.fail(), new UnavailableException("the presence store is closed"));
            book.clear();
            if (former != null) {
                names.add(former);
            }
            if (name != null) {
                names.add(name);
            }
        });
        return names;
    }

    /** Makes the call whose turn it is, unless one is under way. */
    private void next() {
        locked(() -> {
            Runnable step = busy || away || closed ? null : choose();
            if (step != null) {
                busy = true;
                afterwards.add(step);
            }
        });
    }

    private @Nullable Runnable choose() {
        String current = name;
        if (current == null) {
            String fresh = Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), Character.MAX_RADIX);
            renewalDue = false;
            return () -> make(calls.renew(fresh, 0, 0), renewal -> registered(fresh, renewal));
        }
        String old = former;
        if (renewalDue) {
            renewalDue = false;
            long number = ++call;
            long heard = known;
            return () -> make(calls.renew(current, heard, number), renewal -> renewed(number, renewal));
        } else if (old != null && !book.isLost()) {
            return () -> make(calls.end(old, true), done -> ended(old));
        } else if (book.isDue()) {
            long number = ++call;
            long heard = known;
            underWay = book.say(PresenceCalls.BATCH);
            List<Statement> said = underWay.stream().map(Said::statement).toList();
            return () -> make(calls.update(current, heard, number, said), update -> updated(number, update));
        }
        return null;
    }

    private <T> void make(CompletionStage<T> made, Consumer<T> onAnswer) {
        made.whenComplete((answer, failure) -> {
            locked(() -> {
                busy = false;
                if (failure != null) {
                    failed(failure);
                } else {
                    onAnswer.accept(answer);
                }
                underWay = List.of();
            });
            next();
        });
    }

    private void registered(String fresh, Renewal renewal) {
        name = fresh;
        call = 0;
        known = 0;
        renewed(0, renewal);
    }

    private void renewed(long number, Renewal renewal) {
        if (isGood(renewal.standing())) {
            known = number;
            book.retryFaulty();
            counters.renewed();
            teller.assign(renewal.teller() && !closed ? name : null);
            afterwards.add(teller::look);
            afterwards.add(() -> renewal.ended().forEach(reaper::takeBack));
        }
    }

    private void ended(String old) {
        former = null;
        afterwards.add(() -> reaper.takeBack(old));
    }

    private void updated(long number, Update update) {
        if (!isGood(update.standing())) {
            return;
        }
        known = number;
        for (int i = 0; i < underWay.size(); i++) {
            answered(underWay.get(i), update.answers().get(i));
        }
    }

    private void answered(Said said, Answer answer) {
        String fault = answer.fault();
        if (fault == null) {
            book.answered(said, answer.fits());
            for (CompletableFuture<Boolean> each : said.waiting()) {
                afterwards.add(() -> each.complete(answer.fits()));
            }
            return;
        }
        String trouble = "Redis cannot take the presence of channel "
                + said.entry().key.channel() + ", which is tried again with each renewal of the lease: " + fault;
        fail(book.putAside(said), new UnavailableException(trouble));
        afterwards.add(() -> faults.report(trouble));
    }

    /** Whether the call was made; if not, what it said is said again, and under a new name if that is asked for. */
    private boolean isGood(Standing standing) {
        if (standing == Standing.OK) {
            return true;
        }
        book.unsay(underWay);
        if (standing == Standing.ENDED) {
            counters.fenced();
            book.end();
            name = null;
        } else if (standing == Standing.LOST) {
            counters.forgotten();
            book.lose();
            former = former == null ? name : former;
            name = null;
        }
        if (standing != Standing.STALE) {
            LOG.log(
                    Level.INFO,
                    "{0}, so this node tells its {1} entries of presence again",
                    why(standing),
                    book.size());
        }
        return false;
    }

    private String why(Standing standing) {
        return standing == Standing.ENDED
                ? "The other nodes took this one for dead"
                : "Redis has lost what it knew of this node";
    }

    private void failed(Throwable failure) {
        away = true;
        book.unsay(underWay);
        fail(book.fail(), failure);
    }

    private void fail(Collection<CompletableFuture<Boolean>> waiting, Throwable cause) {
        UnavailableException failure = BackplaneException.unavailable(cause);
        waiting.forEach(each -> afterwards.add(() -> each.completeExceptionally(failure)));
    }

    private void locked(Runnable change) {
        List<Runnable> due = List.of();
        lock.lock();
        try {
            change.run();
            if (!afterwards.isEmpty()) {
                due = afterwards;
                afterwards = new ArrayList<>();
            }
        } finally {
            lock.unlock();
        }
        due.forEach(Runnable::run);
    }
}
