package dev.pushy.core;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Pushy on one node: publish, history, presence, tokens, and the hub that transports connect to. The only entry point.
 *
 * <p>Thread-safe. Stages complete on any thread.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Pushy implements AutoCloseable {

    private Pushy() {}

    /** Begins to set up a node. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Publishes on a channel of the default app, by the channel's policy.
     *
     * @param data anything that Jackson can write as JSON
     * @throws InvalidChannelException if it is no channel name
     */
    public CompletionStage<Receipt> publish(String channel, Object data) {
        throw Pending.later();
    }

    /** Publishes by the channel's policy. Fails with {@link PublishException}. */
    public CompletionStage<Receipt> publish(Publication publication) {
        throw Pending.later();
    }

    /** Publishes with options of its own. Fails with {@link PublishException}. */
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        throw Pending.later();
    }

    /** The options that the channel's policy asks for. */
    public PublishOptions options(Channel channel) {
        throw Pending.later();
    }

    /** The retained messages of a channel; empty and incomplete where the broker keeps none. */
    public CompletionStage<HistoryPage> history(Channel channel, HistoryQuery query) {
        throw Pending.later();
    }

    /** Who is present on all nodes, and which channels are occupied. */
    public PresenceStore presence() {
        throw Pending.later();
    }

    /**
     * What a token allows; refuses what was revoked. May block.
     *
     * @throws InvalidTokenException if the token is not good
     */
    public Grant authenticate(String token) {
        throw Pending.later();
    }

    /** A token for this grant. May block. */
    public String issue(Grant grant) {
        throw Pending.later();
    }

    /** Declares one token void, on every node, and ends its connections. */
    public CompletionStage<Void> revokeToken(String app, String tokenId) {
        throw Pending.later();
    }

    /** Declares all tokens void that a subject has by now, on every node, and ends its connections. */
    public CompletionStage<Void> revokeSubject(String app, String subject) {
        throw Pending.later();
    }

    /** Ends a connection, or all connections of a subject, on every node; they may come back. */
    public CompletionStage<Void> disconnect(String app, @Nullable String connection, @Nullable String subject) {
        throw Pending.later();
    }

    /** Passes a change of an open stream to the node that holds it. */
    public CompletionStage<Void> change(ControlMessage.ChangeStream change) {
        throw Pending.later();
    }

    /** The connections of this node. */
    public Hub hub() {
        throw Pending.later();
    }

    /** The bounds of this node. */
    public Limits limits() {
        throw Pending.later();
    }

    /** The policies of channels. */
    public ChannelPolicies policies() {
        throw Pending.later();
    }

    /** How the broker's two paths do. */
    public Broker.Health health() {
        throw Pending.later();
    }

    /** Whether the node has read all that it needs before it may take clients. */
    public boolean isStarted() {
        throw Pending.later();
    }

    /** Ends the node: connections, presence, broker. Idempotent. */
    @Override
    public void close() {}

    /** Collects what a node is made of; what is not set has a default that needs nothing else to run. */
    public static final class Builder {
        private Builder() {}

        /** How nodes share channels. Default: a broker in memory, one node. Closed with the node. */
        public Builder broker(Broker broker) {
            return this;
        }

        /** Who knows the members. Default: in memory, one node. Closed with the node. */
        public Builder presence(PresenceStore presence) {
            return this;
        }

        /** Who checks and issues tokens. Default: none is accepted. */
        public Builder tokens(TokenService tokens) {
            return this;
        }

        /** Policies by pattern. Default: {@link ChannelPolicy#DEFAULT} for all. */
        public Builder policies(ChannelPolicies policies) {
            return this;
        }

        /** Bounds. Default: {@link Limits#DEFAULT}. */
        public Builder limits(Limits limits) {
            return this;
        }

        /** Adds an observer. */
        public Builder listener(PushyListener listener) {
            return this;
        }

        /** The longest life of tokens without an expiry, after which a revocation of one may be forgotten. */
        public Builder maximumTokenLife(Duration life) {
            return this;
        }

        /** Starts the node. */
        public Pushy start() {
            throw Pending.later();
        }
    }
}
