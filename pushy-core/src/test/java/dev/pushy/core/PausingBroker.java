package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A broker in memory whose answers a test can hold back: those to reads, markers and retained messages. */
final class PausingBroker implements Broker, MessageLog {
    private final MemoryBroker broker = new MemoryBroker();
    private final ArrayDeque<Held<?>> held = new ArrayDeque<>();
    private boolean pausing;
    /** How many questions for retained messages fail from now on. */
    int failures;

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

    private <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        if (!pausing) {
            return question.get();
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        held.add(new Held<>(question, answer));
        return answer;
    }

    /** The way to the node. */
    MemoryLink link() {
        return broker.link();
    }

    @Override
    public void start(Listener listener) {
        broker.start(listener);
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        return broker.publish(publication, options);
    }

    @Override
    public CompletionStage<Void> subscribe(ChannelPattern interest) {
        return broker.subscribe(interest);
    }

    @Override
    public CompletionStage<Void> unsubscribe(ChannelPattern interest) {
        return broker.unsubscribe(interest);
    }

    @Override
    public Optional<MessageLog> log() {
        return Optional.of(this);
    }

    @Override
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        if (failures > 0) {
            failures--;
            return CompletableFuture.failedFuture(new UnavailableException("as the test wants it"));
        }
        return ask(() -> broker.retained(channel));
    }

    @Override
    public CompletionStage<Void> control(ControlMessage message) {
        return broker.control(message);
    }

    @Override
    public CompletionStage<Void> revoke(Revocation revocation) {
        return broker.revoke(revocation);
    }

    @Override
    public CompletionStage<List<Revocation>> revocations() {
        return broker.revocations();
    }

    @Override
    public int partitions() {
        return broker.partitions();
    }

    @Override
    public int partition(Channel channel) {
        return broker.partition(channel);
    }

    @Override
    public CompletionStage<LogSlice> read(LogQuery query) {
        return ask(() -> broker.read(query));
    }

    @Override
    public CompletionStage<Void> mark(int partition, long marker) {
        return ask(() -> broker.mark(partition, marker));
    }

    @Override
    public CompletionStage<Void> vouch(Position position, long setbacks) {
        return ask(() -> broker.vouch(position, setbacks));
    }

    @Override
    public CompletionStage<HistoryPage> history(Channel channel, HistoryQuery query) {
        return broker.history(channel, query);
    }

    @Override
    public void reconnect(int partition) {
        broker.reconnect(partition);
    }

    @Override
    public void close() {
        broker.close();
    }
}
