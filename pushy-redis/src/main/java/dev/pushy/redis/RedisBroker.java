package dev.pushy.redis;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.MessageLog;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Retained;
import dev.pushy.core.Revocation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Joins the nodes that use the same Redis and the same prefix: what is published on one is heard on all that listen, in one
 * order, and can be read again.
 *
 * <p>Thread-safe. The listener is called on the threads of the links. While Redis is away publishes fail, interest waits,
 * and the connections are tried again for ever; then the hub reads what was missed. Made by {@link RedisBackplane#broker}.
 */
public final class RedisBroker implements Broker {
    private static final System.Logger LOG = System.getLogger(RedisBroker.class.getName());
    private static final Script RETAINED = Script.of("retained");
    private static final Script REVOKE = Script.of("revoke");
    private static final Script REVOCATIONS = Script.of("revocations");
    private static final Script TELL = Script.of("tell");
    /** What concerns no channel goes here, so that all nodes hear it in one order. */
    private static final int COMMON = 0;

    private static final long RETRY_MILLIS = 500;

    private final RedisBackplane backplane;
    private final RedisLog log;
    private final Answers answers;
    private final Publisher publisher;
    private volatile boolean started;
    private volatile boolean closed;
    private boolean wasUp;
    /** Revocations of an outage are not known yet. */
    private volatile boolean revocationsMissed;

    RedisBroker(RedisBackplane backplane) {
        this.backplane = backplane;
        this.log = new RedisLog(backplane);
        this.answers = new Answers(backplane, log);
        this.publisher = new Publisher(backplane, answers);
    }

    @Override
    public void start(Listener listener) {
        if (started) {
            throw new IllegalStateException("the broker was started before");
        }
        started = true;
        backplane.receiver(new Reception(listener));
        backplane.open();
    }

    @Override
    public CompletionStage<Receipt> publish(Publication publication, PublishOptions options) {
        if (closed) {
            return CompletableFuture.failedFuture(
                    new PublishException(PublishException.Outcome.REJECTED, "the broker was closed"));
        }
        return publisher.publish(publication, options);
    }

    @Override
    public CompletionStage<Void> subscribe(ChannelPattern interest) {
        return backplane.declare(interest);
    }

    @Override
    public CompletionStage<Void> unsubscribe(ChannelPattern interest) {
        backplane.withdraw(interest);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<MessageLog> log() {
        return Optional.of(log);
    }

    @Override
    public CompletionStage<Optional<Retained>> retained(Channel channel) {
        int partition = backplane.partition(channel);
        ScriptCall call = new ScriptCall(RETAINED)
                .key(backplane.keys().key(partition, "retained", channel))
                .arg(backplane.shiftMillis());
        return available(backplane.read(partition, call)).thenApply(answer -> retained(answer, partition));
    }

    private Optional<Retained> retained(@Nullable Object answer, int partition) {
        if (!(answer instanceof byte[] kept)) {
            return Optional.empty();
        }
        WireReader in = new WireReader(kept, 0);
        long expires = in.number();
        Wire.Message message = Wire.message(in.rest(), partition, backplane.partitions());
        return Optional.of(new Retained(message.publication(), expires));
    }

    @Override
    public CompletionStage<Void> control(ControlMessage message) {
        ScriptCall call = new ScriptCall(TELL)
                .key(backplane.keys().everybody(COMMON))
                .arg(backplane.publishCommand())
                .arg(Wire.control(message));
        return available(backplane.eval(COMMON, call)).thenApply(done -> null);
    }

    @Override
    public CompletionStage<Void> revoke(Revocation revocation) {
        ScriptCall call = new ScriptCall(REVOKE)
                .key(revocationsKey())
                .key(backplane.keys().everybody(COMMON))
                .arg(backplane.publishCommand())
                .arg(Wire.revocation(revocation))
                .arg(revocation.until())
                .arg(backplane.shiftMillis());
        return available(backplane.eval(COMMON, call)).thenApply(done -> null);
    }

    @Override
    public CompletionStage<List<Revocation>> revocations() {
        ScriptCall call = new ScriptCall(REVOCATIONS).key(revocationsKey()).arg(backplane.shiftMillis());
        return available(backplane.read(COMMON, call)).thenApply(answer -> Wire.revocations((List<?>) answer));
    }

    private byte[] revocationsKey() {
        return backplane.keys().key(COMMON, "revocations");
    }

    private static <T> CompletionStage<T> available(CompletionStage<T> stage) {
        return stage.exceptionallyCompose(
                failure -> CompletableFuture.failedFuture(BackplaneException.unavailable(failure)));
    }

    /** Receiving also means that the revocations are known that came while the link was down. */
    @Override
    public Health health() {
        Health health = backplane.health();
        if (revocationsMissed && health.receiving()) {
            return new Health(health.publishing(), false, "the revoked tokens of an outage are being read");
        }
        return health;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (started) {
            backplane.release();
        } else {
            backplane.close();
        }
    }

    /** Hands what comes on the links to the listener. One call at a time for each partition. */
    private final class Reception implements RedisBackplane.Receiver {
        private final Listener listener;

        Reception(Listener listener) {
            this.listener = listener;
        }

        @Override
        public boolean onPayload(Topic topic, byte[] payload) {
            int partition = topic.line.partition;
            switch (payload[0]) {
                case Wire.MESSAGE, Wire.LIVE -> {
                    Wire.Message message = Wire.message(payload, partition, backplane.partitions());
                    if (!topic.wants(message.publication().channel())) {
                        return false;
                    }
                    listener.onPublication(message.publication(), message.previous());
                }
                case Wire.MARKER -> {
                    Wire.Marker marker = Wire.marker(payload, partition);
                    listener.onMarker(marker.id(), marker.end());
                }
                case Wire.CONTROL -> {
                    ControlMessage message = Wire.control(payload);
                    if (message != null) {
                        listener.onControl(message);
                    }
                }
                case Wire.SETBACK -> listener.onSetback(partition);
                case Wire.REVOCATION -> listener.onRevocation(Wire.revocation(payload));
                default -> {
                    // Of a newer version.
                }
            }
            return true;
        }

        @Override
        public void onLinkUp(int partition) {
            if (partition == COMMON && wasUp) {
                revocationsMissed = true;
                readMissedRevocations();
            }
            wasUp |= partition == COMMON;
            listener.onLinkUp(partition);
        }

        @Override
        public void onLinkDown(int partition) {
            listener.onLinkDown(partition);
        }

        @Override
        public void onLaneUp(int partition) {
            answers.onLaneUp(partition);
        }

        private void readMissedRevocations() {
            revocations().whenComplete((kept, failure) -> {
                if (failure == null) {
                    kept.forEach(listener::onRevocation);
                    revocationsMissed = false;
                } else if (!closed) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "cannot read the revoked tokens of an outage, trying again: {0}",
                            failure.getMessage());
                    backplane.after(RETRY_MILLIS, this::readMissedRevocations);
                }
            });
        }
    }
}
