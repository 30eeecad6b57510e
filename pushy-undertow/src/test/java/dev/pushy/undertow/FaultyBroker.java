package dev.pushy.undertow;

import dev.pushy.core.ControlMessage;
import dev.pushy.core.MemoryBroker;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Revocation;
import dev.pushy.core.UnavailableException;
import dev.pushy.core.contract.ForwardingBroker;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A broker in memory that fails as it is told to. */
final class FaultyBroker extends ForwardingBroker {
    /** How every publish on a channel that begins with {@code bad} ends. */
    volatile PublishException.Outcome outcome = PublishException.Outcome.REJECTED;
    /** Whether control messages and revocations are refused. */
    volatile boolean away;
    /** What the node waits for before it is started. */
    final CompletableFuture<List<Revocation>> revocations = new CompletableFuture<>();

    FaultyBroker() {
        super(new MemoryBroker());
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        return publication.channel().name().startsWith("bad")
                ? CompletableFuture.failedFuture(new PublishException(outcome, "the broker was told to fail this"))
                : super.publish(publication, options);
    }

    @Override
    public CompletionStage<Void> control(ControlMessage message) {
        return away ? unavailable() : super.control(message);
    }

    @Override
    public CompletionStage<Void> revoke(Revocation revocation) {
        return away ? unavailable() : super.revoke(revocation);
    }

    private static CompletionStage<Void> unavailable() {
        return CompletableFuture.failedFuture(new UnavailableException("the broker is away: try again later"));
    }

    @Override
    public CompletionStage<List<Revocation>> revocations() {
        return revocations;
    }
}
