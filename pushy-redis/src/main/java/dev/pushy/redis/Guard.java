package dev.pushy.redis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A lock, and what those who hold it want done when it is released: foreign code is never called under it. */
final class Guard {
    private final ReentrantLock lock = new ReentrantLock();
    private List<Runnable> afterwards = new ArrayList<>();

    /** Changes something under the lock, and then does what is to be done without it. */
    void locked(Runnable change) {
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

    /** Reads something under the lock. */
    <T extends @Nullable Object> T read(Supplier<T> question) {
        lock.lock();
        try {
            return question.get();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: does something once it is released. */
    void afterwards(Runnable task) {
        afterwards.add(task);
    }

    /** Under the lock: fails stages once it is released. */
    void fail(Collection<? extends CompletableFuture<?>> stages, Throwable failure) {
        stages.forEach(stage -> afterwards.add(() -> stage.completeExceptionally(failure)));
    }
}
