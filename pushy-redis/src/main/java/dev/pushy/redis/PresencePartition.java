package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.UnavailableException;
import dev.pushy.redis.PresenceCalls.Answer;
import dev.pushy.redis.PresenceCalls.Renewal;
import dev.pushy.redis.PresenceCalls.Standing;
import dev.pushy.redis.PresenceCalls.Update;
import dev.pushy.redis.PresenceEntry.Said;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
    private final Consumer<Runnable> pause;
    private final FaultLog faults = new FaultLog(LOG);

    private final Guard guard = new Guard();
    private final PresenceBook book = new PresenceBook();
    private final PresenceName name = new PresenceName();
    private final Settling settling = new Settling();
    private List<Said> underWay = List.of();

    private boolean busy;
    private boolean away;
    private boolean renewalDue;
    private boolean closed;

    /**
     * Nothing is said yet.
     *
     * @param pause runs a task when the other nodes had time to say again what Redis lost
     */
    PresencePartition(
            PresenceCalls calls,
            PresenceTeller teller,
            PresenceReaper reaper,
            PresenceCounters counters,
            Consumer<Runnable> pause) {
        this.calls = calls;
        this.teller = teller;
        this.reaper = reaper;
        this.counters = counters;
        this.pause = pause;
    }

    /**
     * Says something; false is answered where there was no room. While Redis is away it fails when the next try does, and is
     * said nevertheless when Redis is back.
     */
    CompletionStage<Boolean> say(Statement statement) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        guard.locked(() -> {
            if (closed) {
                guard.fail(List.of(answer), closedFailure());
            } else if (!book.want(statement, answer)) {
                guard.afterwards(() -> answer.complete(true));
            }
        });
        next();
        return answer;
    }

    /**
     * Completes when what Redis holds is whole as far as this node can tell: at once, unless something broke and it is not
     * clear yet whether Redis has forgotten this node, or it has and not all is said again. Until then somebody who reads
     * the members would take those who are there for gone. Fails as {@link #say} does.
     */
    CompletionStage<?> settled() {
        CompletableFuture<?> stage = new CompletableFuture<>();
        guard.locked(() -> {
            if (closed) {
                guard.fail(List.of(stage), closedFailure());
            } else {
                settling.await(stage);
                settle();
            }
        });
        return stage;
    }

    private void settle() {
        if (settling.isSettled() && !book.isOwing() && name.current() != null && name.former() == null) {
            settling.takeWaiting().forEach(stage -> guard.afterwards(() -> stage.complete(null)));
        }
    }

    /** The link broke, perhaps because Redis did. */
    void doubt() {
        guard.locked(() -> {
            settling.doubt();
            renewalDue = true;
        });
        next();
    }

    /** Keeps the lease. */
    void renew() {
        guard.locked(() -> {
            renewalDue = true;
            away = false;
        });
        next();
    }

    /** Tries again if Redis was away. */
    void retry() {
        guard.locked(() -> {
            renewalDue |= away;
            away = false;
        });
        next();
    }

    /** How many channels and subjects this node has something to say of. */
    int size() {
        return guard.read(book::size);
    }

    /** The name under which the node has a lease, or null. */
    @Nullable
    String name() {
        return guard.<@Nullable String>read(name::current);
    }

    /**
     * Says nothing more. Idempotent.
     *
     * @return the names that are to be ended, and what was said under them to be taken back
     */
    List<String> close() {
        guard.locked(() -> {
            closed = true;
            teller.assign(null);
            guard.fail(book.fail(), closedFailure());
            guard.fail(settling.takeWaiting(), closedFailure());
            book.clear();
        });
        return guard.read(name::all);
    }

    private static UnavailableException closedFailure() {
        return new UnavailableException("the presence store is closed");
    }

    /** Makes the call whose turn it is, unless one is under way. */
    private void next() {
        guard.locked(() -> {
            Runnable step = busy || away || closed ? null : choose();
            if (step != null) {
                busy = true;
                guard.afterwards(step);
            }
        });
    }

    private @Nullable Runnable choose() {
        String current = name.current();
        String former = name.former();
        if (current == null) {
            String fresh = PresenceName.fresh();
            renewalDue = false;
            return () -> make(calls.renew(fresh, 0, 0), renewal -> registered(fresh, renewal));
        } else if (renewalDue) {
            renewalDue = false;
            long number = name.next();
            long known = name.known();
            return () -> make(calls.renew(current, known, number), renewal -> renewed(number, renewal));
        } else if (former != null && !book.isOwing()) {
            return () -> make(calls.end(former, true), done -> formerEnded(former));
        } else if (book.isDue()) {
            long number = name.next();
            long known = name.known();
            underWay = book.say(PresenceCalls.BATCH);
            List<Statement> said = underWay.stream().map(Said::statement).toList();
            return () -> make(calls.update(current, known, number, said), update -> updated(number, update));
        }
        return null;
    }

    private <T> void make(CompletionStage<T> made, Consumer<T> onAnswer) {
        made.whenComplete((answer, failure) -> {
            guard.locked(() -> {
                busy = false;
                if (failure != null) {
                    failed(failure);
                } else {
                    onAnswer.accept(answer);
                }
                underWay = List.of();
                settle();
            });
            next();
        });
    }

    private void registered(String fresh, Renewal renewal) {
        name.take(fresh);
        renewed(0, renewal);
    }

    private void renewed(long number, Renewal renewal) {
        if (isGood(renewal.standing())) {
            name.made(number);
            if (!renewalDue) { // or something broke since this one was sent
                settling.confirm();
            }
            book.retryFaulty();
            counters.renewed();
            teller.assign(renewal.teller() && !closed ? name.current() : null);
            guard.afterwards(teller::look);
            guard.afterwards(() -> renewal.ended().forEach(reaper::takeBack));
        }
    }

    private void formerEnded(String former) {
        name.endFormer();
        guard.afterwards(() -> reaper.takeBack(former));
    }

    private void updated(long number, Update update) {
        if (!isGood(update.standing())) {
            return;
        }
        name.made(number);
        for (int i = 0; i < underWay.size(); i++) {
            answered(underWay.get(i), update.answers().get(i));
        }
    }

    private void answered(Said said, Answer answer) {
        String fault = answer.fault();
        if (fault == null) {
            book.answered(said, answer.fits());
            for (CompletableFuture<Boolean> each : said.waiting()) {
                guard.afterwards(() -> each.complete(answer.fits()));
            }
            return;
        }
        Channel channel = said.entry().key.channel();
        String trouble = "Redis cannot take the presence of channel " + channel + ": " + fault;
        guard.fail(book.putAside(said), new UnavailableException(trouble));
        guard.afterwards(() -> faults.report(
                "Redis cannot take the presence of a channel, which is tried again with each renewal of the lease: "
                        + fault + "; somebody else writes under the prefix of Pushy"));
        LOG.log(Level.DEBUG, trouble);
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
            name.end();
            logAgain("The other nodes took this one for dead");
        } else if (standing == Standing.LOST) {
            counters.forgotten();
            book.lose();
            name.lose();
            settling.pause();
            guard.afterwards(() -> pause.accept(this::resume));
            logAgain("Redis has lost what it knew of this node");
        }
        return false;
    }

    private void resume() {
        guard.locked(() -> {
            settling.resume();
            settle();
        });
    }

    private void logAgain(String reason) {
        int entries = book.size();
        guard.afterwards(() -> LOG.log(
                Level.INFO,
                "{0}, so it tells its {1} entries of presence to partition {2} again",
                reason,
                entries,
                calls.partition()));
    }

    private void failed(Throwable failure) {
        away = true;
        settling.doubt();
        book.unsay(underWay);
        UnavailableException unavailable = BackplaneException.unavailable(failure);
        guard.fail(book.fail(), unavailable);
        guard.fail(settling.takeWaiting(), unavailable);
    }
}
