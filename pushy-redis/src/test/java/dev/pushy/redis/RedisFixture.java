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
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.XTrimParams;

/** Nodes that share a Redis, each with a network of its own to it; plays every fault for real. */
final class RedisFixture extends BrokerFixture {
    private static final AtomicInteger PREFIXES = new AtomicInteger();
    private static final int QUEUE = 64;
    private static final Script HARMLESS = Script.of("retained");

    private final RedisSite site;
    private final int partitions;
    private final String prefix = "test" + PREFIXES.incrementAndGet() + ":";
    private final Keys keys;
    private final List<RedisNode> nodes = new ArrayList<>();
    private final AtomicReference<Outcome> nextOutcome = new AtomicReference<>();
    private Duration passed = Duration.ZERO;
    private @Nullable List<byte[]> snapshots;

    RedisFixture(RedisSite site, int partitions) {
        this.site = site;
        this.partitions = partitions;
        this.keys = new Keys(prefix, partitions, "test");
    }

    @Override
    public Broker createNode() {
        Network network = new Network(site::reach);
        RedisConfig config = RedisConfig.builder(site.url())
                .prefix(prefix)
                .partitions(partitions)
                .queue(QUEUE)
                .commandTimeout(Duration.ofSeconds(2))
                .publishDeadline(Duration.ofSeconds(4))
                .canary(Duration.ofSeconds(2))
                .indexAge(Duration.ofHours(1))
                .route(network::route)
                .build();
        RedisNode node = new RedisNode(config, network, nextOutcome, this::publishInTrouble);
        node.backplane.shift(passed);
        nodes.add(node);
        return node;
    }

    private static Network network(Broker node) {
        return ((RedisNode) node).network;
    }

    @Override
    public void advance(Duration time) {
        passed = passed.plus(time);
        nodes.forEach(node -> node.backplane.shift(time));
    }

    @Override
    public void cutLink(Broker node) {
        network(node).cut();
    }

    @Override
    public void healLink(Broker node) {
        network(node).heal();
        awaitPublishing();
    }

    /** One at a time: the next is lost only when the node has found that one is missing, and is back. */
    @Override
    public void dropDelivery(Broker node) {
        awaitWell((RedisNode) node);
        network(node).loseMessage();
    }

    @Override
    public void pause() {
        nodes.forEach(node -> node.network.cut());
    }

    @Override
    public void resume() {
        nodes.forEach(node -> node.network.heal());
        awaitPublishing();
    }

    @Override
    public void restartEmpty() {
        snapshots = null;
        restartFromSnapshot();
    }

    @Override
    public void snapshot() {
        snapshots = site.snapshots();
    }

    @Override
    public void restartFromSnapshot() {
        site.restart(snapshots);
        awaitPublishing();
    }

    /** If nothing is published while the replicas are deaf, the end that they lack is made up. */
    @Override
    public void loseTail(int messages) {
        List<RedisServer> replicas = site.startDeafReplicas();
        long[] before = ends();
        boolean busy = isBusy();
        if (busy) {
            Await.until(() -> grew(before, ends(), messages), () -> "too few messages come");
            site.replaceBy(replicas);
        } else {
            List<Network> open = nodes.stream()
                    .map(node -> node.network)
                    .filter(network -> !network.isCut())
                    .toList();
            open.forEach(Network::cut);
            site.replaceBy(replicas);
            for (int p = 0; p < partitions; p++) {
                try (Jedis redis = connect(p)) {
                    new LostTail(redis, keys, p).cut(messages);
                }
            }
            open.forEach(Network::heal);
        }
        awaitPublishing();
    }

    @Override
    public void handOver() {
        Set<Integer> slots = new LinkedHashSet<>();
        for (int p = 0; p < partitions; p++) {
            slots.add(keys.slot(p));
        }
        site.handOver(slots);
        awaitPublishing();
    }

    @Override
    public void failOver() {
        site.failOver();
        awaitPublishing();
    }

    /** The tests publish at once. */
    private void awaitPublishing() {
        for (RedisNode node : nodes) {
            Await.until(
                    () -> node.network.isCut() || answers(node), () -> "a node does not come back: " + node.health());
        }
    }

    /** Whether all connections for calls are there; one that broke finds out with the next call. */
    private boolean answers(RedisNode node) {
        for (int p = 0; p < partitions; p++) {
            ScriptCall call = new ScriptCall(HARMLESS).key(keys.key(p, "none")).arg(0);
            boolean answered = node.backplane
                    .eval(p, call)
                    .thenCombine(node.backplane.read(p, call), (one, other) -> true)
                    .exceptionally(failure -> false)
                    .toCompletableFuture()
                    .join();
            if (!answered) {
                return false;
            }
        }
        return true;
    }

    private boolean isBusy() {
        long[] before = ends();
        long deadline = System.nanoTime() + Duration.ofMillis(300).toNanos();
        while (System.nanoTime() < deadline) {
            if (!Arrays.equals(before, ends())) {
                return true;
            }
            LockSupport.parkNanos(5_000_000);
        }
        return false;
    }

    private long[] ends() {
        long[] ends = new long[partitions];
        for (int p = 0; p < partitions; p++) {
            try (Jedis redis = connect(p)) {
                String end = redis.hget(key(p, "log"), "end");
                ends[p] = end == null ? 0 : Long.parseLong(end);
            }
        }
        return ends;
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

    private void awaitWell(RedisNode node) {
        Await.until(
                () -> answers(node) && node.health().receiving(), () -> "a node does not come back: " + node.health());
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
        for (RedisServer master : site.masters()) {
            try (Jedis redis = master.connect()) {
                redis.configSet("maxmemory", bytes);
            }
        }
    }

    /** Other messages fill the queue while nothing passes; afterwards all connections are made anew. */
    private CompletionStage<Receipt> publishIntoFullQueue(
            RedisNode node, Publication publication, PublishOptions options) {
        node.network.blackHole(true);
        Publication filler = Publication.of(neighbour(publication.channel()), "0");
        for (int i = 0; i < 2 * QUEUE + 300; i++) {
            node.reallyPublish(filler, PublishOptions.LIVE_ONLY);
        }
        return node.reallyPublish(publication, options).whenCompleteAsync((receipt, failure) -> {
            node.network.cut();
            node.network.blackHole(false);
            Await.until(() -> isCutOff(node), () -> "the connections do not break");
            node.network.heal();
            awaitWell(node);
        });
    }

    /** Another channel of the same partition. */
    private Channel neighbour(Channel channel) {
        int number = 0;
        while (keys.partition(Channel.of("filler" + number)) != keys.partition(channel)) {
            number++;
        }
        return Channel.of("filler" + number);
    }

    private boolean isCutOff(RedisNode node) {
        for (int p = 0; p < partitions; p++) {
            if (node.backplane.isUp(p)) {
                return false;
            }
        }
        return !answers(node);
    }

    private CompletionStage<Receipt> publishWithoutAnswer(
            RedisNode node, Publication publication, PublishOptions options) {
        node.network.mute(true);
        return node.reallyPublish(publication, options).whenCompleteAsync((receipt, failure) -> {
            node.network.mute(false);
            awaitWell(node);
        });
    }

    @Override
    public void trim(Channel channel) {
        int partition = keys.partition(channel);
        try (Jedis redis = connect(partition)) {
            redis.unlink(keys.key(partition, "stream", channel));
        }
    }

    @Override
    public void trimIndex(int entries) {
        for (int p = 0; p < partitions; p++) {
            try (Jedis redis = connect(p)) {
                byte[] index = keys.key(p, "index");
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

    /** To the master that has a partition. */
    private Jedis connect(int partition) {
        return site.master(keys.slot(partition)).connect();
    }

    private String key(int partition, String name) {
        return new String(keys.key(partition, name), UTF_8);
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.network.close());
    }
}
