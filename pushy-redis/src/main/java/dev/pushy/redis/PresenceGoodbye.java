package dev.pushy.redis;

import dev.pushy.redis.RedisPresenceStore.Part;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How a presence store ends: what it deals with first, since another node tells as soon as this one has said good-bye. */
final class PresenceGoodbye {
    private static final Logger LOG = System.getLogger(PresenceGoodbye.class.getName());
    /** How long each of the two may take; what was not done by then, the other nodes do. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final List<Part> parts;
    private final Executor thread;

    /**
     * Of a store that is closed.
     *
     * @param thread where its listener is called
     */
    PresenceGoodbye(List<Part> parts, Executor thread) {
        this.parts = parts;
        this.thread = thread;
    }

    /**
     * Ends the parts, and waits for it.
     *
     * @param closing tells the listener of the end
     */
    void say(Runnable closing) {
        List<Runnable> farewells = new ArrayList<>();
        List<CompletableFuture<?>> said = new ArrayList<>();
        for (Part part : parts) {
            List<String> names = part.partition().close();
            farewells.add(() -> names.forEach(name -> said.add(farewell(part, name))));
        }
        // On the thread of the listener, so that it hears of nothing behind its end.
        CompletableFuture<Void> told =
                CompletableFuture.runAsync(closing, thread).thenCompose(done -> endTelling());
        await(told, "Not all transitions were dealt with: the next node tells them again");
        farewells.forEach(Runnable::run);
        await(all(said), "Redis is away or slow: the other nodes will take back the presence of this one");
    }

    private CompletableFuture<Void> endTelling() {
        return all(parts.stream()
                .map(part -> part.teller().end().toCompletableFuture())
                .toList());
    }

    private static CompletableFuture<?> farewell(Part part, String name) {
        return part.calls()
                .end(name, false)
                .thenCompose(done -> part.reaper().takeBack(name))
                .toCompletableFuture();
    }

    private static CompletableFuture<Void> all(List<? extends CompletableFuture<?>> stages) {
        return CompletableFuture.allOf(stages.toArray(CompletableFuture<?>[]::new));
    }

    private static void await(CompletableFuture<?> stage, String otherwise) {
        try {
            stage.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.INFO, otherwise);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
