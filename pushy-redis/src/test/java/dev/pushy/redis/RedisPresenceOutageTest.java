package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.core.UnavailableException;
import dev.pushy.core.contract.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** What becomes of presence when Redis is away, forgets, goes back or refuses. */
class RedisPresenceOutageTest {
    private static final Channel ROOM = Channel.of("room");
    private static final Channel OTHER = Channel.of("other");
    private static final Duration LEASE = Duration.ofSeconds(6);

    private final RedisServer server = RedisServer.start(RedisServer.Kind.PATH);
    private final List<PresenceNode> nodes = new ArrayList<>();

    @AfterEach
    void end() {
        nodes.forEach(PresenceNode::close);
        server.close();
    }

    private PresenceNode node() {
        return node(1);
    }

    private PresenceNode node(int partitions) {
        RedisConfig config = RedisConfig.builder(server.url())
                .partitions(partitions)
                .connectTimeout(Duration.ofSeconds(2))
                .commandTimeout(Duration.ofSeconds(2))
                .build();
        PresenceNode node = PresenceNode.lively(config, LEASE);
        nodes.add(node);
        return node;
    }

    /** Ends Redis; every node has noticed. */
    private void kill() {
        server.kill();
        for (PresenceNode node : nodes) {
            Await.until(() -> !node.redis.isUp(0), () -> "a node does not notice that Redis is away");
        }
    }

    /** Starts Redis again; every node has connected. */
    private void restart() {
        server.restart();
        nodes.forEach(node -> PresenceNode.awaitUp(node.redis));
    }

    private static void assertUnavailable(CompletionStage<?> stage) {
        assertInstanceOf(UnavailableException.class, Await.failure(stage));
    }

    private static void awaitMembers(PresenceNode node, Channel channel, String... subjects) {
        List<String> expected = List.of(subjects).stream().sorted().toList();
        Await.until(
                () -> tryMembers(node, channel).equals(expected),
                () -> tryMembers(node, channel).toString());
    }

    /** Reads, also while Redis may be away. */
    private static List<String> tryMembers(PresenceNode node, Channel channel) {
        return node.store
                .members(channel)
                .thenApply(members ->
                        members.stream().map(Member::subject).sorted().toList())
                .exceptionally(failure -> List.of(failure.toString()))
                .toCompletableFuture()
                .join();
    }

    @Test
    void redisComesBackEmpty_allIsThereAgainAndToldOnce() {
        PresenceNode first = node();
        PresenceNode second = node();
        Await.get(first.join(ROOM, "ann"));
        Await.get(first.join(ROOM, "bob"));
        Await.get(second.join(ROOM, "cid"));
        Await.get(second.store.update(ROOM, 7));
        PresenceNode.awaitTold(
                List.of("JOINED:ann@room", "JOINED:bob@room", "JOINED:cid@room", "OCCUPIED:@room"), first, second);

        kill();
        assertUnavailable(first.leave(ROOM, "ann"));
        assertUnavailable(first.join(ROOM, "dan"));
        assertUnavailable(first.store.members(ROOM));
        assertUnavailable(first.store.occupied("default", ""));
        restart();

        awaitMembers(second, ROOM, "bob", "cid", "dan");
        assertEquals(7, Await.get(first.store.subscriberCount(ROOM)));
        Await.get(second.leave(ROOM, "cid"));
        Await.get(second.store.update(ROOM, 0));
        PresenceNode.awaitTold(
                List.of(
                        "JOINED:ann@room",
                        "JOINED:bob@room",
                        "JOINED:cid@room",
                        "OCCUPIED:@room",
                        "LEFT:ann@room",
                        "JOINED:dan@room",
                        "LEFT:cid@room",
                        "VACATED:@room"),
                first,
                second);
        assertEquals(1, first.store.stats().forgotten());
        assertEquals(0, first.store.stats().fenced());
    }

    @Test
    void membersWithMarker_afterRedisCameBackEmpty_lackNobodyOfThisNode() {
        PresenceNode node = node();
        List<CompletionStage<Boolean>> joins = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            joins.add(node.join(ROOM, "user-" + i));
        }
        joins.forEach(Await::get);
        server.kill();
        assertUnavailable(node.join(OTHER, "ann"));
        server.restart();
        AtomicLong markers = new AtomicLong();
        AtomicInteger found = new AtomicInteger(-1);
        Await.until(
                () -> {
                    found.set(node.store
                            .members(ROOM, markers.incrementAndGet())
                            .handle((members, failure) -> members == null ? -1 : members.size())
                            .toCompletableFuture()
                            .join());
                    return found.get() >= 0;
                },
                () -> "the members cannot be read");
        assertEquals(3_000, found.get());
    }

    @Test
    void redisGoesBack_whatHappenedSinceHoldsAndIsToldOnce() {
        PresenceNode first = node();
        PresenceNode second = node();
        Await.get(first.join(ROOM, "ann"));
        Await.get(second.join(ROOM, "bob"));
        PresenceNode.awaitTold(List.of("JOINED:ann@room", "JOINED:bob@room"), first, second);
        server.save();
        Await.get(first.leave(ROOM, "ann"));
        Await.get(first.join(ROOM, "cid"));
        List<String> told = List.of("JOINED:ann@room", "JOINED:bob@room", "LEFT:ann@room", "JOINED:cid@room");
        PresenceNode.awaitTold(told, first, second);

        kill();
        restart();
        awaitMembers(second, ROOM, "bob", "cid");
        Await.until(() -> first.store.stats().forgotten() == 1, () -> "the first node did not notice");
        Await.get(first.join(OTHER, "eve"));
        List<String> all = new ArrayList<>(told);
        all.add("JOINED:eve@other");
        PresenceNode.awaitTold(all, first, second);
        awaitMembers(second, ROOM, "bob", "cid");
    }

    @Test
    void redisStandsStill_whatWasWantedLastHolds() {
        PresenceNode node = node(4);
        PresenceNode watching = node(4);
        Await.get(node.join(ROOM, "ann"));
        server.pause();
        assertUnavailable(node.leave(ROOM, "ann"));
        assertUnavailable(node.join(ROOM, "bob"));
        assertUnavailable(node.join(ROOM, "ann"));
        assertUnavailable(node.leave(ROOM, "bob"));
        assertUnavailable(node.join(OTHER, "cid"));
        server.resume();
        awaitMembers(watching, OTHER, "cid");
        awaitMembers(watching, ROOM, "ann");
        Await.get(node.join(ROOM, "dan"));
        awaitMembers(watching, ROOM, "ann", "dan");
    }

    @Test
    void placeInALimitedChannel_askedForInVain_isNotTakenLater() {
        PresenceNode node = node();
        Member eve = new Member("eve", "null", 1);
        Await.get(node.join(ROOM, "ann"));
        kill();
        assertUnavailable(node.store.update(ROOM, eve, 5));
        restart();
        awaitMembers(node, ROOM, "ann");
        Await.get(node.join(ROOM, "bob"));
        assertEquals(List.of("ann", "bob"), node.members(ROOM));
        assertTrue(Await.get(node.store.update(ROOM, eve, 5)));
        assertEquals(List.of("ann", "bob", "eve"), node.members(ROOM));
    }

    @Test
    void redisIsFull_itIsSaidWhenThereIsRoom() {
        PresenceNode node = node();
        Await.get(node.join(ROOM, "ann"));
        configure("maxmemory", "1");
        Throwable failure = Await.failure(node.join(ROOM, "bob"));
        assertInstanceOf(UnavailableException.class, failure);
        assertTrue(failure.getMessage().contains("Redis is full"), failure.getMessage());
        assertEquals(List.of("ann"), node.members(ROOM));
        configure("maxmemory", "0");
        awaitMembers(node, ROOM, "ann", "bob");
    }

    private void configure(String name, String value) {
        try (Jedis redis = server.connect()) {
            redis.configSet(name, value);
        }
    }

    @Test
    void keyHasTheWrongType_itIsSaidWhenItIsGone() {
        PresenceNode node = node();
        byte[] room = node.redis.keys().key(0, "room", ROOM);
        try (Jedis redis = server.connect()) {
            redis.set(room, new byte[] {1});
            Throwable failure = Await.failure(node.join(ROOM, "ann"));
            assertInstanceOf(UnavailableException.class, failure);
            assertTrue(failure.getMessage().contains("WRONGTYPE"), failure.getMessage());
            Await.get(node.join(OTHER, "bob"));
            redis.del(room);
        }
        awaitMembers(node, ROOM, "ann");
    }

    @Test
    void close_whileRedisIsAway_ends() {
        PresenceNode node = node();
        Await.get(node.join(ROOM, "ann"));
        server.kill();
        node.close();
        assertUnavailable(node.join(ROOM, "bob"));
    }

    @Test
    void update_manyWantTheLastPlaces_nobodyTooMany() {
        List<CompletionStage<Boolean>> asked = new ArrayList<>();
        for (int n = 0; n < 3; n++) {
            PresenceNode node = node();
            for (int i = 0; i < 40; i++) {
                asked.add(node.store.update(ROOM, new Member("user-" + n + "-" + i, "null", 1), 10));
            }
        }
        assertEquals(10, asked.stream().filter(Await::get).count());
        assertEquals(10, Await.get(nodes.get(0).store.memberCount(ROOM)));
    }

    @Test
    void occupied_manyChannelsInManyPartitions_areAllListed() {
        PresenceNode node = node(4);
        TreeMap<String, Integer> expected = new TreeMap<>();
        List<CompletionStage<Void>> stages = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            expected.put("news." + i, 1 + i % 3);
            stages.add(node.store.update(Channel.of("shop", "news." + i), 1 + i % 3));
        }
        stages.add(node.store.update(Channel.of("shop", "other"), 1));
        stages.add(node.store.update(Channel.of("shop:news", "news.x"), 1));
        stages.add(node.store.update(Channel.reserved("shop", "online", "ann"), 1));
        stages.forEach(Await::get);
        assertEquals(expected, Await.get(node.store.occupied("shop", "news.")));
        assertEquals(5_001, Await.get(node.store.occupied("shop", "")).size());
        assertEquals(1, Await.get(node.store.occupied("shop:news", "")).size());
    }
}
