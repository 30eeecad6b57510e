package dev.pushy.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pushy on one node: publish, history, presence, tokens, and the hub that transports connect to. The only entry point.
 *
 * <p>Thread-safe. Stages complete on any thread.
 */
public final class Pushy implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Pushy.class.getName());
    private static final int MAX_REVOCATIONS = 100_000;
    /** To read the revoked tokens at the start; the log hears of the first. */
    private static final int TRIES_A_MINUTE = 60;

    private final Broker broker;
    private final PresenceStore presence;
    private final TokenService tokens;
    private final Limits limits;
    private final ChannelPolicies policies;
    private final Function<Channel, Duration> retain;
    private final long maximumTokenLife;
    private final Revocations revocations;
    private final Hub hub;
    private volatile boolean started;
    private volatile boolean closed;
    /** Touched by one try after the other. */
    private int startTries;

    private Pushy(Builder builder) {
        this.broker = builder.broker == null ? new MemoryBroker() : builder.broker;
        this.presence = builder.presence == null ? MemoryPresenceStore.create() : builder.presence;
        this.tokens = builder.tokens;
        this.limits = builder.limits;
        this.policies = builder.policies;
        this.retain = builder.retain;
        this.maximumTokenLife = builder.maximumTokenLife.toSeconds();
        this.revocations = new Revocations(Pushy::now, MAX_REVOCATIONS);
        this.hub = new Hub(
                broker,
                presence,
                limits,
                policies,
                builder.listeners,
                builder.timers == null ? new TimerThread() : builder.timers,
                revocations::add);
        broker.revocations().whenComplete(this::startWith);
    }

    private void startWith(@Nullable List<Revocation> kept, @Nullable Throwable failure) {
        if (kept != null) {
            kept.forEach(revocations::add);
            started = true;
        } else if (!closed) {
            if (startTries++ % TRIES_A_MINUTE == 0) {
                LOG.log(System.Logger.Level.WARNING, "cannot read the revoked tokens, trying again: {0}", failure);
            }
            CompletableFuture.delayedExecutor(1, java.util.concurrent.TimeUnit.SECONDS)
                    .execute(() -> broker.revocations().whenComplete(this::startWith));
        }
    }

    private static long now() {
        return System.currentTimeMillis() / 1_000;
    }

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
        Channel named = Channel.of(channel);
        try {
            return publish(Publication.of(named, Json.write(data)));
        } catch (PublishException invalid) {
            return CompletableFuture.failedFuture(invalid);
        }
    }

    /** Publishes by the channel's policy. Fails with {@link PublishException}. */
    public CompletionStage<Receipt> publish(Publication publication) {
        return publish(publication, options(publication.channel()));
    }

    /** Publishes with options of its own. Fails with {@link PublishException}. */
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        PublishException invalid = findFault(publication);
        CompletionStage<Receipt> accepted =
                invalid == null ? broker.publish(publication, options) : CompletableFuture.failedFuture(invalid);
        accepted.whenComplete((receipt, failure) -> {
            if (receipt != null) {
                hub.counters().accepted(receipt);
                hub.tell(listener -> listener.onPublish(publication, receipt));
            } else {
                count(publication, Objects.requireNonNull(failure));
            }
        });
        return accepted;
    }

    private void count(Publication publication, Throwable failure) {
        Throwable cause = failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        hub.counters()
                .failed(cause instanceof PublishException known ? known.outcome() : PublishException.Outcome.REJECTED);
        hub.tell(listener -> listener.onPublishFailed(publication, cause));
    }

    private @Nullable PublishException findFault(Publication publication) {
        int most = policies.of(publication.channel()).dataBytes();
        if (publication.data().length > most) {
            return new PublishException(
                    PublishException.Outcome.INVALID,
                    "the data has " + publication.data().length + " bytes, the limit of channel "
                            + publication.channel() + " is " + most + ": send less, or a link to it");
        }
        int length = publication.event().length();
        if (length == 0 || length > limits.eventLength()) {
            return new PublishException(
                    PublishException.Outcome.INVALID,
                    "the event name has " + length + " characters, it needs 1 to " + limits.eventLength());
        }
        return null;
    }

    /** The options that the channel's policy asks for, with what is {@linkplain Builder#retain retained} of it. */
    public PublishOptions options(Channel channel) {
        ChannelPolicy policy = policies.of(channel);
        PublishOptions options = new PublishOptions(policy.historySize(), policy.historyAge());
        Duration life = retain.apply(channel);
        return life.isZero() ? options : options.withRetain(life);
    }

    /** The message that is retained of a channel. Fails with {@link UnavailableException}. */
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        return broker.retained(channel);
    }

    /** The retained messages of a channel. Fails with {@link UnavailableException} where the broker keeps none. */
    public CompletionStage<HistoryPage> history(Channel channel, HistoryQuery query) {
        return broker.log()
                .map(log -> log.history(channel, query))
                .orElseGet(() -> CompletableFuture.failedFuture(
                        new UnavailableException("this broker keeps no history: use one that does")));
    }

    /** Who is present on all nodes, and which channels are occupied. */
    public PresenceStore presence() {
        return presence;
    }

    /**
     * What a token allows; refuses what was revoked. May block.
     *
     * @throws InvalidTokenException if the token is not good
     */
    public Grant authenticate(String token) {
        Grant grant = tokens.verify(token);
        if (revocations.isRevoked(grant)) {
            throw new InvalidTokenException("the token was revoked: get a new one");
        }
        return grant;
    }

    /** A token for this grant. May block. */
    public String issue(Grant grant) {
        return tokens.issue(grant);
    }

    /** Declares one token void, on every node, and ends its connections. */
    public CompletionStage<Void> revokeToken(String app, String tokenId) {
        long at = now();
        return broker.revoke(new Revocation(app, tokenId, null, at, at + maximumTokenLife));
    }

    /** Declares all tokens void that a subject has by now, on every node, and ends its connections. */
    public CompletionStage<Void> revokeSubject(String app, String subject) {
        long at = now();
        return broker.revoke(new Revocation(app, null, subject, at, at + maximumTokenLife));
    }

    /** Ends a connection, or all connections of a subject, on every node; they may come back. */
    public CompletionStage<Void> disconnect(String app, @Nullable String connection, @Nullable String subject) {
        return broker.control(new ControlMessage.Disconnect(app, connection, subject));
    }

    /** Passes a change of an open stream to the node that holds it. */
    public CompletionStage<Void> change(ControlMessage.ChangeStream change) {
        return broker.control(change);
    }

    /** The connections of this node. */
    public Hub hub() {
        return hub;
    }

    /** The bounds of this node. */
    public Limits limits() {
        return limits;
    }

    /** The policies of channels. */
    public ChannelPolicies policies() {
        return policies;
    }

    /** How the broker's two paths do. */
    public Broker.Health health() {
        return broker.health();
    }

    /** Whether the node has read all that it needs before it may take clients. */
    public boolean isStarted() {
        return started && !closed;
    }

    /** Ends the node: presence, broker, timers. The connections are their transports' to close. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        hub.close();
        presence.close();
        broker.close();
    }

    /** Collects what a node is made of; what is not set has a default that needs nothing else to run. */
    public static final class Builder {
        private @Nullable Broker broker;
        private @Nullable PresenceStore presence;
        private TokenService tokens = new NoTokens();
        private ChannelPolicies policies = ChannelPolicies.all(ChannelPolicy.DEFAULT);
        private Function<Channel, Duration> retain = channel -> Duration.ZERO;
        private Limits limits = Limits.DEFAULT;
        private final List<PushyListener> listeners = new ArrayList<>();
        private Duration maximumTokenLife = Duration.ofDays(365);
        private @Nullable HubTimers timers;

        private Builder() {}

        /** How nodes share channels. Default: a {@link MemoryBroker}, one node. Closed with the node. */
        public Builder broker(Broker shared) {
            this.broker = Objects.requireNonNull(shared, "broker");
            return this;
        }

        /** Who knows the members. Default: a {@link MemoryPresenceStore}, one node. Closed with the node. */
        public Builder presence(PresenceStore store) {
            this.presence = Objects.requireNonNull(store, "presence");
            return this;
        }

        /** Who checks and issues tokens. Default: none is accepted. */
        public Builder tokens(TokenService service) {
            this.tokens = Objects.requireNonNull(service, "tokens");
            return this;
        }

        /** Policies by pattern. Default: {@link ChannelPolicy#DEFAULT} for all. */
        public Builder policies(ChannelPolicies byPattern) {
            this.policies = Objects.requireNonNull(byPattern, "policies");
            return this;
        }

        /**
         * How long the last message of a channel is retained, whoever publishes it; zero: it is not. For protocols whose
         * channels have a last message by their names, which no pattern can tell. Asked for each message, by any thread:
         * must not block. Default: zero.
         */
        public Builder retain(Function<Channel, Duration> life) {
            this.retain = Objects.requireNonNull(life, "life");
            return this;
        }

        /** Bounds. Default: {@link Limits#DEFAULT}. */
        public Builder limits(Limits bounds) {
            this.limits = Objects.requireNonNull(bounds, "limits");
            return this;
        }

        /** Adds an observer. */
        public Builder listener(PushyListener observer) {
            this.listeners.add(Objects.requireNonNull(observer, "listener"));
            return this;
        }

        /** The longest life of a token, after which its revocation may be forgotten. Default: 365 days. */
        public Builder maximumTokenLife(Duration life) {
            this.maximumTokenLife = Objects.requireNonNull(life, "life");
            return this;
        }

        /** Other timers, for tests. */
        Builder timers(HubTimers other) {
            this.timers = other;
            return this;
        }

        /** Starts the node. */
        public Pushy start() {
            return new Pushy(this);
        }
    }

    /** Until a token service is set. */
    private static final class NoTokens implements TokenService {
        @Override
        public Grant verify(String token) {
            throw new InvalidTokenException("no token service is set: this server accepts no tokens");
        }

        @Override
        public String issue(Grant grant) {
            throw new UnsupportedOperationException("no token service is set");
        }
    }
}
