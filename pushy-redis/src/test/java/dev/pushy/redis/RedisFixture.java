package dev.pushy.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException.Outcome;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.contract.Await;
import dev.pushy.core.contract.BrokerFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.XTrimParams;

/** Nodes that share one Redis, each with a way of its own to it; plays every fault for real. */
final class RedisFixture extends BrokerFixture {
    private static final AtomicInteger PREFIXES = new AtomicInteger();
    private static final int QUEUE = 64;

    private final RedisHost host;
    private final int partitions;
    private final String prefix = "test" + PREFIXES.incrementAndGet() + ":";
    private final List<RedisNode> nodes = new ArrayList<>();
    private final AtomicReference<Outcome> nextOutcome = new AtomicReference<>();
    private Duration passed = Duration.ZERO;
    private byte @Nullable [] snapshot;

    RedisFixture(RedisHost host, int partitions) {
        this.host = host;
        this.partitions = partitions;
    }

    @Override
    public Broker createNode() {
        Proxy proxy = new Proxy(host.server().port());
        RedisConfig config = RedisConfig.builder("redis://127.0.0.1:" + proxy.port())
                .prefix(prefix)
                .partitions(partitions)
                .queue(QUEUE)
                .commandTimeout(Duration.ofSeconds(1))
                .publishDeadline(Duration.ofSeconds(2))
                .canary(Duration.ofSeconds(1))
                .indexAge(Duration.ofHours(1))
                .build();
        RedisNode node = new RedisNode(config, proxy, nextOutcome, this::publishInTrouble);
        node.backplane.shift(passed);
        nodes.add(node);
        return node;
    }

    private static Proxy proxy(Broker node) {
        return ((RedisNode) node).proxy;
    }

    @Override
    public void advance(Duration time) {
        passed = passed.plus(time);
        nodes.forEach(node -> node.backplane.shift(time));
    }

    @Override
    public void cutLink(Broker node) {
        proxy(node).cut();
    }

    @Override
    public void healLink(Broker node) {
        proxy(node).heal();
        awaitPublishing();
    }

    /** One at a time: the next is lost only when the node has found that one is missing, and is back. */
    @Override
    public void dropDelivery(Broker node) {
        awaitWell((RedisNode) node);
        proxy(node).loseMessage();
    }

    @Override
    public void pause() {
        nodes.forEach(node -> node.proxy.cut());
    }

    @Override
    public void resume() {
        nodes.forEach(node -> node.proxy.heal());
        awaitPublishing();
    }

    @Override
    public void restartEmpty() {
        snapshot = null;
        host.server().kill();
        host.server().forget();
        host.server().restart();
        awaitPublishing();
    }

    @Override
    public void snapshot() {
        snapshot = host.server().snapshot();
    }

    @Override
    public void restartFromSnapshot() {
        byte[] kept = snapshot;
        if (kept == null) {
            restartEmpty();
            return;
        }
        host.server().kill();
        host.server().remember(kept);
        host.server().restart();
        awaitPublishing();
    }

    /** A replica whose connection broke a while ago takes over. */
    @Override
    public void loseTail(int messages) {
        RedisServer old = host.server();
        Proxy replication = Proxy.ofReplica(old.port());
        RedisServer replica = host.startAnother();
        try (Jedis redis = replica.connect()) {
            redis.replicaof("127.0.0.1", replication.port());
        }
        Await.until(() -> isSynced(replica), () -> "the replica does not catch up");
        replication.close();
        long[] before = ends(old);
        Await.until(() -> grew(before, ends(old), messages), () -> "too few messages come");
        old.kill();
        try (Jedis redis = replica.connect()) {
            redis.replicaofNoOne();
        }
        nodes.forEach(node -> node.proxy.target(replica.port()));
        host.replace(replica);
        awaitPublishing();
    }

    /** The tests publish at once. */
    private void awaitPublishing() {
        for (RedisNode node : nodes) {
            Await.until(
                    () -> node.proxy.isCut() || node.health().publishing(),
                    () -> "a node does not come back: " + node.health());
        }
    }

    private static boolean isSynced(RedisServer replica) {
        try (Jedis redis = replica.connect()) {
            String info = redis.info("replication");
            return info.contains("master_link_status:up") && info.contains("master_sync_in_progress:0");
        }
    }

    private long[] ends(RedisServer server) {
        try (Jedis redis = server.connect()) {
            long[] ends = new long[partitions];
            for (int p = 0; p < partitions; p++) {
                String end = redis.hget(key(p, "log"), "end");
                ends[p] = end == null ? 0 : Long.parseLong(end);
            }
            return ends;
        }
    }

    /** Partitions without a channel do not grow. */
    private static boolean grew(long[] before, long[] now, int messages) {
        boolean any = false;
        for (int p = 0; p < before.length; p++) {
            boolean used = before[p] > 0;
            any |= used;
            if (used && now[p] < before[p] + messages) {
                return false;
            }
        }
        return any;
    }

    private static void awaitWell(RedisNode node) {
        Await.until(
                () -> node.health().publishing() && node.health().receiving(),
                () -> "a node does not come back: " + node.health());
    }

    @Override
    public void failNext(Outcome outcome) {
        nextOutcome.set(outcome);
    }

    private CompletionStage<Receipt> publishInTrouble(
            RedisNode node, Outcome outcome, Publication publication, PublishOptions options) {
        return switch (outcome) {
            case REJECTED -> publishWhileFull(node, publication, options);
            case OVERLOADED -> publishIntoFullQueue(node, publication, options);
            case UNKNOWN -> publishWithoutAnswer(node, publication, options);
            case INVALID -> {
                byte[] tooMuch = new byte[Publisher.MAX_BYTES + 1];
                yield node.reallyPublish(Publication.of(publication.channel(), tooMuch), options);
            }
        };
    }

    private CompletionStage<Receipt> publishWhileFull(RedisNode node, Publication publication, PublishOptions options) {
        maxMemory("1");
        return node.reallyPublish(publication, options).whenComplete((receipt, failure) -> maxMemory("0"));
    }

    private void maxMemory(String bytes) {
        try (Jedis redis = host.server().connect()) {
            redis.configSet("maxmemory", bytes);
        }
    }

    private CompletionStage<Receipt> publishIntoFullQueue(
            RedisNode node, Publication publication, PublishOptions options) {
        node.proxy.blackHole(true);
        Publication filler = Publication.of(Channel.of("filler"), "0");
        for (int i = 0; i < 2 * QUEUE + 300; i++) {
            node.reallyPublish(filler, PublishOptions.LIVE_ONLY);
        }
        long breaks = node.backplane.counters().laneBreaks.sum();
        return node.reallyPublish(publication, options).whenCompleteAsync((receipt, failure) -> {
            node.proxy.blackHole(false);
            node.proxy.breakConnections();
            Await.until(
                    () -> node.backplane.counters().laneBreaks.sum() > breaks, () -> "the connection does not break");
            awaitWell(node);
        });
    }

    private CompletionStage<Receipt> publishWithoutAnswer(
            RedisNode node, Publication publication, PublishOptions options) {
        node.proxy.mute(true);
        return node.reallyPublish(publication, options).whenCompleteAsync((receipt, failure) -> {
            node.proxy.mute(false);
            awaitWell(node);
        });
    }

    @Override
    public void trim(Channel channel) {
        int partition = keys().partition(channel);
        try (Jedis redis = host.server().connect()) {
            redis.unlink(keys().key(partition, "stream", channel));
        }
    }

    @Override
    public void trimIndex(int entries) {
        try (Jedis redis = host.server().connect()) {
            for (int p = 0; p < partitions; p++) {
                byte[] index = keys().key(p, "index");
                redis.xtrim(index, XTrimParams.xTrimParams().maxLen(entries).exactTrimming());
                List<Object> oldest = redis.xrange(index, "-".getBytes(UTF_8), "+".getBytes(UTF_8), 1);
                if (!oldest.isEmpty()) {
                    String first = new String((byte[]) ((List<?>) oldest.get(0)).get(0), UTF_8).split("-", -1)[0];
                    trimStreams(redis, p, first);
                }
            }
        }
    }

    private void trimStreams(Jedis redis, int partition, String first) {
        for (String kind : List.of("stream:*", "index:*")) {
            String pattern = key(partition, kind).replace("{", "\\{").replace("}", "\\}");
            for (String stream : redis.keys(pattern)) {
                redis.xtrim(stream, XTrimParams.xTrimParams().minId(first).exactTrimming());
            }
        }
    }

    private Keys keys() {
        return new Keys(prefix, partitions, "test");
    }

    private String key(int partition, String name) {
        return new String(keys().key(partition, name), UTF_8);
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.proxy.close());
    }
}
