package dev.pushy.redis;

import dev.pushy.core.Publication;
import dev.pushy.core.PublishException.Outcome;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.contract.ForwardingBroker;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/** A broker on Redis with its own way there, and one publish that is made to fail. */
final class RedisNode extends ForwardingBroker {
    final RedisBackplane backplane;
    final Network network;
    private final AtomicReference<Outcome> nextOutcome;
    private final Trouble trouble;

    /** Makes the real thing fail around one publish. */
    interface Trouble {
        CompletionStage<Receipt> publish(
                RedisNode node, Outcome outcome, Publication publication, PublishOptions options);
    }

    RedisNode(RedisConfig config, Network network, AtomicReference<Outcome> nextOutcome, Trouble trouble) {
        this(RedisBackplane.create(config), network, nextOutcome, trouble);
    }

    private RedisNode(
            RedisBackplane backplane, Network network, AtomicReference<Outcome> nextOutcome, Trouble trouble) {
        super(backplane.broker());
        this.backplane = backplane;
        this.network = network;
        this.nextOutcome = nextOutcome;
        this.trouble = trouble;
    }

    CompletionStage<Receipt> reallyPublish(Publication publication, PublishOptions options) {
        return super.publish(publication, options);
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        Outcome outcome = nextOutcome.getAndSet(null);
        return outcome == null
                ? super.publish(publication, options)
                : trouble.publish(this, outcome, publication, options);
    }

    @Override
    public void close() {
        super.close();
        network.close();
    }
}
