package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Revocation;
import dev.pushy.core.contract.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A node for tests: its broker, and the ids of what its listener heard. */
final class BrokerNode implements Broker.Listener, AutoCloseable {
    static final PublishOptions KEPT = new PublishOptions(1_000, Duration.ofMinutes(5));

    final RedisBackplane redis;
    final RedisBroker broker;
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final AtomicInteger setbacks = new AtomicInteger();

    private BrokerNode(RedisConfig config) {
        redis = RedisBackplane.create(config);
        broker = redis.broker();
    }

    /** A started node, whether it can connect or not. */
    static BrokerNode start(RedisConfig config) {
        BrokerNode node = new BrokerNode(config);
        node.broker.start(node);
        return node;
    }

    /** A configuration that a machine which stands still for a moment does not disturb. */
    static RedisConfig.Builder patient(String url) {
        return RedisConfig.builder(url)
                .connectTimeout(Duration.ofSeconds(10))
                .commandTimeout(Duration.ofSeconds(20))
                .publishDeadline(Duration.ofSeconds(20))
                .canary(Duration.ofSeconds(5));
    }

    /** A configuration that waits for nothing long, for tests in which Redis does not answer. */
    static RedisConfig.Builder impatient(String url) {
        return RedisConfig.builder(url)
                .connectTimeout(Duration.ofMillis(700))
                .commandTimeout(Duration.ofMillis(700))
                .publishDeadline(Duration.ofSeconds(1))
                .canary(Duration.ofMillis(500));
    }

    boolean isWell() {
        Broker.Health health = broker.health();
        return health.publishing() && health.receiving();
    }

    BrokerNode awaitWell() {
        Await.until(this::isWell, () -> "the node does not come up: " + broker.health());
        return this;
    }

    BrokerNode subscribe(String pattern) {
        Await.get(broker.subscribe(ChannelPattern.of(pattern)));
        return this;
    }

    CompletionStage<Receipt> publish(String channel) {
        return broker.publish(Publication.of(Channel.of(channel), "1"), KEPT);
    }

    /** Fails unless a publish is refused as not accepted. */
    String refusal(String channel) {
        PublishException failed = assertInstanceOf(PublishException.class, Await.failure(publish(channel)));
        assertEquals(PublishException.Outcome.REJECTED, failed.outcome(), failed.getMessage());
        return String.valueOf(failed.getMessage());
    }

    /** Publishes until a message is accepted and heard by all of these nodes, which listen to the channel. */
    void awaitHeard(String channel, BrokerNode... nodes) {
        List<String> ids = new ArrayList<>();
        Await.until(
                () -> {
                    publish(channel)
                            .thenAccept(receipt -> ids.add(receipt.id()))
                            .exceptionally(failure -> null)
                            .toCompletableFuture()
                            .join();
                    LockSupport.parkNanos(5_000_000);
                    return ids.stream()
                            .anyMatch(id -> List.of(nodes).stream().allMatch(node -> node.heard.contains(id)));
                },
                () -> ids.size() + " were accepted, and none is heard: " + broker.health());
        for (BrokerNode node : nodes) {
            node.awaitWell();
        }
    }

    List<String> heard() {
        return List.copyOf(heard);
    }

    @Override
    public void onPublication(Publication publication, @Nullable Position previous) {
        heard.add(publication.id());
    }

    @Override
    public void onPresence(ChannelEvent event) {}

    @Override
    public void onMarker(long marker, Position end) {}

    @Override
    public void onControl(ControlMessage message) {}

    @Override
    public void onRevocation(Revocation revocation) {}

    @Override
    public void onLinkUp(int partition) {}

    @Override
    public void onLinkDown(int partition) {}

    @Override
    public void onSetback(int partition) {
        setbacks.incrementAndGet();
    }

    /** How often it has heard that the log went back. */
    int setbacks() {
        return setbacks.get();
    }

    @Override
    public void close() {
        broker.close();
    }
}
