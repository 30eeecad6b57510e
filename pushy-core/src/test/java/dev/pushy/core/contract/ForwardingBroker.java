package dev.pushy.core.contract;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.MessageLog;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Retained;
import dev.pushy.core.Revocation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Passes everything on, but for what a test overrides. */
public class ForwardingBroker implements Broker {
    private final Broker next;

    /** A broker in front of another. */
    protected ForwardingBroker(Broker next) {
        this.next = next;
    }

    @Override
    public void start(Listener listener) {
        next.start(listener);
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        return next.publish(publication, options);
    }

    @Override
    public CompletionStage<Void> subscribe(ChannelPattern interest) {
        return next.subscribe(interest);
    }

    @Override
    public CompletionStage<Void> unsubscribe(ChannelPattern interest) {
        return next.unsubscribe(interest);
    }

    @Override
    public Optional<MessageLog> log() {
        return next.log();
    }

    @Override
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        return next.retained(channel);
    }

    @Override
    public CompletionStage<Void> control(ControlMessage message) {
        return next.control(message);
    }

    @Override
    public CompletionStage<Void> revoke(Revocation revocation) {
        return next.revoke(revocation);
    }

    @Override
    public CompletionStage<List<Revocation>> revocations() {
        return next.revocations();
    }

    @Override
    public Health health() {
        return next.health();
    }

    @Override
    public void close() {
        next.close();
    }
}
