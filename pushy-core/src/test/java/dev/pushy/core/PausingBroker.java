package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A broker in memory whose answers a test can hold back: those about what it keeps. */
final class PausingBroker extends QuestionedBroker {
    private final ArrayDeque<Held<?>> held = new ArrayDeque<>();
    private boolean pausing;
    /** How many questions for retained messages fail from now on. */
    int failures;

    PausingBroker() {
        super(new MemoryBroker());
    }

    void pause() {
        pausing = true;
    }

    /** A question, and who waits for its answer. */
    private record Held<T>(Supplier<CompletionStage<T>> question, CompletableFuture<T> answer) {
        void ask() {
            question.get().thenAccept(answer::complete);
        }
    }

    /** Asks the next question that was held back, and answers it. */
    void next() {
        held.remove().ask();
    }

    /** Asks the next question that was held back; what is returned loses its answer. */
    Runnable loseNext() {
        Held<?> next = held.remove();
        boolean unused = next.question.get().toCompletableFuture().isDone();
        return () -> next.answer.completeExceptionally(new UnavailableException("as the test wants it"));
    }

    void resume() {
        pausing = false;
        while (!held.isEmpty()) {
            next();
        }
    }

    @Override
    <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        if (!pausing) {
            return question.get();
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        held.add(new Held<>(question, answer));
        return answer;
    }

    @Override
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        if (failures > 0) {
            failures--;
            return CompletableFuture.failedFuture(new UnavailableException("as the test wants it"));
        }
        return super.retained(channel);
    }
}
