package dev.pushy.core;

import dev.pushy.core.contract.ForwardingBroker;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A broker in memory all of whose answers about what it keeps pass one place, where a test may delay or lose them. */
abstract class QuestionedBroker extends ForwardingBroker implements MessageLog {
    private final MemoryBroker broker;

    QuestionedBroker(MemoryBroker broker) {
        super(broker);
        this.broker = broker;
    }

    abstract <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question);

    /** The way to the node. */
    MemoryLink link() {
        return broker.link();
    }

    @Override
    public Optional<MessageLog> log() {
        return Optional.of(this);
    }

    @Override
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        return ask(() -> broker.retained(channel));
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
        return ask(() -> broker.history(channel, query));
    }

    @Override
    public void reconnect(int partition) {
        broker.reconnect(partition);
    }
}
