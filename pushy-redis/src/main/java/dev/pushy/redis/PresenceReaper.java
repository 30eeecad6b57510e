package dev.pushy.redis;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Takes back what ended nodes had said to a partition, some of it with each call. Any thread; several nodes may do it at
 * once, each entry is taken back by one of them.
 */
final class PresenceReaper {
    private static final Logger LOG = System.getLogger(PresenceReaper.class.getName());

    private final PresenceCalls calls;
    private final PresenceCounters counters;

    PresenceReaper(PresenceCalls calls, PresenceCounters counters) {
        this.calls = calls;
        this.counters = counters;
    }

    /** Takes all back. What is left after a failure is left to whoever renews a lease next. */
    CompletionStage<Void> takeBack(String node) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        next(node, done);
        return done;
    }

    private void next(String node, CompletableFuture<Void> done) {
        calls.left(node).whenComplete((left, failure) -> {
            if (failure != null) {
                fail(node, done, failure);
            } else if (left.isEmpty()) {
                done.complete(null);
            } else {
                takeBack(node, left, done);
            }
        });
    }

    private void takeBack(String node, List<Statement> left, CompletableFuture<Void> done) {
        calls.takeBack(node, left).whenComplete((update, failure) -> {
            if (failure != null) {
                fail(node, done, failure);
            } else {
                counters.reaped((int) update.answers().stream()
                        .filter(PresenceCalls.Answer::fits)
                        .count());
                next(node, done);
            }
        });
    }

    private static void fail(String node, CompletableFuture<Void> done, Throwable failure) {
        LOG.log(Level.DEBUG, "taking back the presence of {0} was interrupted: {1}", node, failure.getMessage());
        done.completeExceptionally(failure);
    }
}
