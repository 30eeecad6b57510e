package dev.pushy.core;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The broker of a single node: everything in memory, nothing kept when the process ends. Clients that come back after a
 * restart are told of a gap with reason {@link Gap.Reason#RESET}.
 *
 * <p>Thread-safe. Stages are complete when they are returned, and the listener is called on the publisher's thread.
 */
public final class MemoryBroker implements Broker, MessageLog {
    private final MemoryCluster cluster;
    private final @Nullable Executor network;
    private @Nullable MemoryLink link;
    private volatile boolean closed;

    /** A broker with the default bounds. */
    public MemoryBroker() {
        this(new Builder());
    }

    private MemoryBroker(Builder builder) {
        this.cluster = new MemoryCluster(1, builder.indexAge, builder.maxBytes, builder.clock);
        this.network = null;
    }

    /** One node of several that share a log, with an executor that stands for the network between; for tests. */
    MemoryBroker(MemoryCluster cluster, Executor network) {
        this.cluster = cluster;
        this.network = network;
    }

    /** A builder that begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void start(Listener listener) {
        if (link != null) {
            throw new IllegalStateException("the broker was started before");
        }
        MemoryLink connected = cluster.connect(listener, network);
        link = connected;
        cluster.heal(connected);
    }

    /** The way to this node; tests break it. */
    MemoryLink link() {
        MemoryLink started = link;
        if (started == null) {
            throw new IllegalStateException("the broker was not started");
        }
        return started;
    }

    private MemoryLink openLink() {
        if (closed) {
            throw new UnavailableException("the broker was closed");
        }
        return link();
    }

    private static <T extends @Nullable Object> CompletionStage<T> completed(Supplier<T> answer) {
        try {
            return CompletableFuture.completedFuture(answer.get());
        } catch (UnavailableException | PublishException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        return completed(() -> {
            if (closed) {
                throw new PublishException(PublishException.Outcome.REJECTED, "the broker was closed");
            }
            return cluster.publish(publication, options);
        });
    }

    @Override
    public CompletionStage<Void> subscribe(ChannelPattern interest) {
        return closed ? closedStage() : cluster.subscribe(link(), interest);
    }

    @Override
    public CompletionStage<Void> unsubscribe(ChannelPattern interest) {
        return closed ? closedStage() : cluster.unsubscribe(link(), interest);
    }

    private static CompletionStage<Void> closedStage() {
        return CompletableFuture.failedFuture(new UnavailableException("the broker was closed"));
    }

    @Override
    public Optional<MessageLog> log() {
        return Optional.of(this);
    }

    @Override
    public CompletionStage<Void> control(ControlMessage message) {
        return completed(() -> {
            openLink();
            cluster.toAll(listener -> listener.onControl(message));
            return null;
        });
    }

    @Override
    public CompletionStage<Void> revoke(Revocation revocation) {
        return completed(() -> {
            openLink();
            cluster.revoke(revocation);
            return null;
        });
    }

    @Override
    public CompletionStage<List<Revocation>> revocations() {
        return completed(() -> {
            openLink();
            return cluster.revocations();
        });
    }

    @Override
    public int partitions() {
        return cluster.partitions();
    }

    @Override
    public int partition(Channel channel) {
        return cluster.partition(channel);
    }

    @Override
    public CompletionStage<LogSlice> read(LogQuery query) {
        return completed(() -> cluster.read(openLink(), query));
    }

    @Override
    public CompletionStage<Void> mark(int partition, long marker) {
        return completed(() -> {
            cluster.mark(openLink(), partition, marker);
            return null;
        });
    }

    @Override
    public CompletionStage<Void> vouch(Position position, long setbacks) {
        return completed(() -> {
            cluster.vouch(position, setbacks);
            return null;
        });
    }

    @Override
    public CompletionStage<HistoryPage> history(Channel channel, HistoryQuery query) {
        return completed(() -> {
            openLink();
            return cluster.history(channel, query);
        });
    }

    @Override
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        return completed(() -> {
            openLink();
            return cluster.retained(channel);
        });
    }

    @Override
    public void reconnect(int partition) {
        if (!closed) {
            cluster.reconnect(link(), partition);
        }
    }

    @Override
    public void close() {
        closed = true;
        MemoryLink started = link;
        if (started != null) {
            cluster.disconnect(started);
        }
        if (network == null) {
            cluster.close();
        }
    }

    /** Collects the bounds of a broker in memory. */
    public static final class Builder {
        private Duration indexAge = Duration.ofMinutes(15);
        private long maxBytes =
                Math.max(16L << 20, Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 8));
        private InstantSource clock = InstantSource.system();

        private Builder() {}

        /**
         * How long the place of a message is known, also when the message itself is not retained any more. Who comes
         * back later is told of a gap. Must be more than the longest history of any channel.
         */
        public Builder indexAge(Duration age) {
            this.indexAge = age;
            return this;
        }

        /** The most bytes for all retained messages, roughly; the oldest go first. Default: an eighth of the heap. */
        public Builder maxBytes(long bytes) {
            this.maxBytes = bytes;
            return this;
        }

        /** The clock, for tests. */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /** The broker. */
        public MemoryBroker build() {
            return new MemoryBroker(this);
        }
    }
}
