package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions, with a deadline. */
public final class Await {
    /** How long anything may take; a machine under load can be slow, so this is far beyond what is normal. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private Await() {}

    /** Returns when the condition holds; fails with the description when it does not in time. */
    public static void until(BooleanSupplier condition, Supplier<String> description) {
        until(PATIENCE, condition, description);
    }

    /** The same with another patience. */
    public static void until(Duration patience, BooleanSupplier condition, Supplier<String> description) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("not within " + patience + ": " + description.get());
            }
            LockSupport.parkNanos(200_000);
        }
    }

    /** The value of a stage that must complete normally. */
    public static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the stage failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("the stage did not complete within " + PATIENCE, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What a stage that must fail failed with. */
    public static Throwable failure(CompletionStage<?> stage) {
        try {
            Object value = stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return fail("the stage completed with " + value + ", a failure was expected");
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (TimeoutException e) {
            throw new AssertionError("the stage did not complete within " + PATIENCE, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
