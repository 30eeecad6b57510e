package dev.pushy.core;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A broker in memory whose requests and answers take their time, as over a network. Now and then an answer is lost. */
final class LaggingBroker implements Broker, MessageLog {
    private static final int LOST_OF = 20;

    private final MemoryBroker broker;
    private final VirtualTime time;

    LaggingBroker(MemoryBroker broker, VirtualTime time) {
        this.broker = broker;
        this.time = time;
    }

    private <T> CompletionStage<T> later(Supplier<CompletionStage<T>> request) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        time.after(
                time.lag(),
                () -> request.get()
                        .whenComplete((value, failure) -> time.after(time.lag(), () -> {
                            if (failure != null) {
                                answer.completeExceptionally(failure);
                            } else if (time.random.nextInt(LOST_OF) == 0) {
                                answer.completeExceptionally(new UnavailableException("the answer was lost"));
                            } else {
                                answer.complete(value);
                            }
                        })));
        return answer;
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
        return later(() -> broker.retained(channel));
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
        return later(() -> broker.read(query));
    }

    @Override
    public CompletionStage<Void> mark(int partition, long marker) {
        return later(() -> broker.mark(partition, marker));
    }

    @Override
    public CompletionStage<Void> vouch(Position position, long setbacks) {
        return later(() -> broker.vouch(position, setbacks));
    }

    @Override
    public CompletionStage<HistoryPage> history(Channel channel, HistoryQuery query) {
        return later(() -> broker.history(channel, query));
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
