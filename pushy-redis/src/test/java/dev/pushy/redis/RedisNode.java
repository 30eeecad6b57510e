package dev.pushy.redis;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.MessageLog;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException.Outcome;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Retained;
import dev.pushy.core.Revocation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/** A broker on Redis with its own way there, and one publish that is made to fail. */
final class RedisNode implements Broker {
    final RedisBackplane backplane;
    final Network network;
    private final Broker broker;
    private final AtomicReference<Outcome> nextOutcome;
    private final Trouble trouble;

    /** Makes the real thing fail around one publish. */
    interface Trouble {
        CompletionStage<Receipt> publish(
                RedisNode node, Outcome outcome, Publication publication, PublishOptions options);
    }

    RedisNode(RedisConfig config, Network network, AtomicReference<Outcome> nextOutcome, Trouble trouble) {
        this.backplane = RedisBackplane.create(config);
        this.broker = backplane.broker();
        this.network = network;
        this.nextOutcome = nextOutcome;
        this.trouble = trouble;
    }

    CompletionStage<Receipt> reallyPublish(Publication publication, PublishOptions options) {
        return broker.publish(publication, options);
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        Outcome outcome = nextOutcome.getAndSet(null);
        return outcome == null
                ? broker.publish(publication, options)
                : trouble.publish(this, outcome, publication, options);
    }

    @Override
    public void start(Listener listener) {
        broker.start(listener);
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
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        return broker.retained(channel);
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
    public Health health() {
        return broker.health();
    }

    @Override
    public void close() {
        broker.close();
        network.close();
    }
}
