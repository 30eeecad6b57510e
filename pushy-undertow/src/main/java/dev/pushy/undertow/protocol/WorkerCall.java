package dev.pushy.undertow.protocol;

import dev.pushy.core.EventLoop;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A piece of work that may block, done on a worker, whose result comes back to a connection's loop. */
public final class WorkerCall {
    private WorkerCall() {}

    /**
     * Begins the work. On the loop.
     *
     * @param then gets the result, or why there is none; on the loop, at once where no worker is free
     */
    public static <T> void begin(
            Executor workers, EventLoop loop, Callable<T> work, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        try {
            workers.execute(() -> {
                T result;
                try {
                    result = work.call();
                } catch (Throwable t) {
                    loop.execute(() -> then.accept(null, t));
                    return;
                }
                loop.execute(() -> then.accept(result, null));
            });
        } catch (RejectedExecutionException e) {
            then.accept(null, e);
        }
    }
}
