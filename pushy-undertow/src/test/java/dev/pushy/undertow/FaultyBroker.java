package dev.pushy.undertow;

import dev.pushy.core.Broker;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.MemoryBroker;
import dev.pushy.core.MessageLog;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Revocation;
import dev.pushy.core.UnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A broker in memory that fails as it is told to. */
final class FaultyBroker implements Broker {
    private final MemoryBroker broker = new MemoryBroker();
    /** How every publish on a channel that begins with {@code bad} ends. */
    volatile PublishException.Outcome outcome = PublishException.Outcome.REJECTED;
    /** Whether control messages and revocations are refused. */
    volatile boolean away;
    /** What the node waits for before it is started. */
    final CompletableFuture<List<Revocation>> revocations = new CompletableFuture<>();

    @Override
    public void start(Listener listener) {
        broker.start(listener);
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        return publication.channel().name().startsWith("bad")
                ? CompletableFuture.failedFuture(new PublishException(outcome, "the broker was told to fail this"))
                : broker.publish(publication, options);
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
        return broker.log();
    }

    @Override
    public CompletionStage<Void> control(ControlMessage message) {
        return away ? unavailable() : broker.control(message);
    }

    @Override
    public CompletionStage<Void> revoke(Revocation revocation) {
        return away ? unavailable() : broker.revoke(revocation);
    }

    private static CompletionStage<Void> unavailable() {
        return CompletableFuture.failedFuture(new UnavailableException("the broker is away: try again later"));
    }

    @Override
    public CompletionStage<List<Revocation>> revocations() {
        return revocations;
    }

    @Override
    public void close() {
        broker.close();
    }
}
