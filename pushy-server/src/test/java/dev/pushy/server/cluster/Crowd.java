package dev.pushy.server.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Some subscribers, all on one thread. */
final class Crowd implements AutoCloseable {
    private static final long TURN_MILLIS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Cluster cluster;
    private final List<Subscriber> subscribers;
    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean over;

    /** They connect from now on. */
    Crowd(String name, Cluster cluster, List<? extends Subscriber> subscribers) {
        this.cluster = cluster;
        this.subscribers = List.copyOf(subscribers);
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!over) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                for (Subscriber subscriber : subscribers) {
                    subscriber.visit(cluster, selector);
                }
                selector.select(key -> ((Subscriber) key.attachment()).read(), TURN_MILLIS);
            }
            subscribers.forEach(Subscriber::drop);
            selector.close();
            end.complete(null);
        } catch (IOException | RuntimeException | Error failed) {
            end.completeExceptionally(failed);
            failed.printStackTrace();
        }
    }

    /** Asks all of them on their thread. */
    <T> List<T> ask(Function<Subscriber, T> question) {
        CompletableFuture<List<T>> answer = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                List<T> answers = new ArrayList<>();
                subscribers.forEach(subscriber -> answers.add(question.apply(subscriber)));
                answer.complete(answers);
            } catch (RuntimeException | Error failed) {
                answer.completeExceptionally(failed);
            }
        });
        selector.wakeup();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline && !end.isDone()) {
            try {
                return answer.get(TURN_MILLIS * 20, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new AssertionError("a subscriber failed", e.getCause());
            } catch (TimeoutException notYet) {
                // Unless the thread has ended it comes.
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        throw new AssertionError(thread.getName() + " does not answer: " + end);
    }

    /** Tells all of them something on their thread. */
    void tell(Consumer<Subscriber> order) {
        ask(subscriber -> {
            order.accept(subscriber);
            return true;
        });
    }

    @Override
    public void close() {
        over = true;
        selector.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(20));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
