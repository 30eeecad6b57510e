package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.PresenceStore;
import dev.pushy.core.contract.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nodes that die, that are taken for dead, and clocks that jump. */
class RedisPresenceLeaseTest {
    private static final Channel ROOM = Channel.of("room");
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofHours(1);

    private static RedisServer server;
    private static int prefixes;

    private final RedisConfig config =
            RedisConfig.builder(server.url()).prefix("lease" + prefixes++ + ":").build();
    private final List<PresenceNode> nodes = new ArrayList<>();

    @BeforeAll
    static void startRedis() {
        server = RedisServer.start(RedisServer.Kind.PATH);
    }

    @AfterAll
    static void stopRedis() {
        server.close();
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(PresenceNode::close);
    }

    private PresenceNode add(PresenceNode node) {
        nodes.add(node);
        return node;
    }

    private static void joinAll(PresenceNode node, int from, int to) {
        List<CompletionStage<Boolean>> stages = new ArrayList<>();
        for (int i = from; i < to; i++) {
            stages.add(node.join(ROOM, "user-" + i));
        }
        stages.forEach(stage -> assertTrue(Await.get(stage)));
    }

    private static List<String> leaves(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "-user-" + i + "@room")
                .sorted()
                .toList();
    }

    private static List<String> leavesHeard(PresenceNode node) {
        return node.heard().stream()
                .filter(word -> word.startsWith("-"))
                .sorted()
                .toList();
    }

    @Test
    void nodeIsKilled_exactlyItsMembersLeave() {
        PresenceNode first = add(PresenceNode.lively(config, SHORT));
        PresenceNode second = add(PresenceNode.lively(config, SHORT));
        PresenceNode killed = add(PresenceNode.lively(config, SHORT));
        joinAll(killed, 0, 2_000);
        joinAll(first, 0, 250);
        joinAll(second, 250, 500);
        Await.get(killed.store.update(ROOM, 2_000));
        killed.die();

        first.awaitMembers(ROOM, 500);
        Await.until(
                () -> leavesHeard(first).size() >= 1_500,
                () -> leavesHeard(first).size() + " leaves");
        Await.until(
                () -> leavesHeard(second).size() >= 1_500,
                () -> leavesHeard(second).size() + " leaves");
        assertEquals(leaves(500, 2_000), leavesHeard(first));
        assertEquals(leaves(500, 2_000), leavesHeard(second));
        assertEquals(0, Await.get(second.store.subscriberCount(ROOM)));
        Await.until(
                () -> PresenceNode.told(first, second, killed).size() >= 3_502,
                () -> PresenceNode.told(first, second, killed).size() + " transitions");
        assertEquals(3_502, PresenceNode.told(first, second, killed).size());
        assertEquals(2_001, first.store.stats().reaped() + second.store.stats().reaped());
    }

    @Test
    void twoReapersAtOnce_eachEntryIsTakenBackOnce() {
        PresenceNode first = add(PresenceNode.passive(config, LONG));
        PresenceNode second = add(PresenceNode.passive(config, LONG));
        PresenceNode dead = add(PresenceNode.passive(config, LONG));
        joinAll(dead, 0, 2_000);
        String name = String.valueOf(dead.store.name(0));
        PresenceCounters counters = new PresenceCounters();
        PresenceCalls calls = new PresenceCalls(first.redis, 0, LONG.toMillis());
        PresenceCalls others = new PresenceCalls(second.redis, 0, LONG.toMillis());
        Await.get(calls.end(name, false));
        assertEquals(PresenceCalls.BATCH, Await.get(calls.left(name)).size());

        CompletionStage<Void> mine = new PresenceReaper(calls, counters).takeBack(name);
        CompletionStage<Void> theirs = new PresenceReaper(others, counters).takeBack(name);
        Await.get(mine);
        Await.get(theirs);
        assertEquals(2_000, counters.stats(0, 0).reaped());
        assertEquals(0, Await.get(first.store.memberCount(ROOM)));
        Await.until(
                () -> leavesHeard(first).size() >= 2_000,
                () -> leavesHeard(first).size() + " leaves");
        assertEquals(leaves(0, 2_000), leavesHeard(first));
        Await.until(
                () -> PresenceNode.told(first, second, dead).size() >= 4_000,
                () -> PresenceNode.told(first, second, dead).size() + " transitions");
        assertEquals(4_000, PresenceNode.told(first, second, dead).size());
    }

    @Test
    void nodeIsTakenForDead_itLearnsAndSaysAllAgain() {
        PresenceNode lasting = add(PresenceNode.lively(config, SHORT));
        PresenceNode zombie = add(PresenceNode.passive(config, SHORT));
        Await.get(zombie.join(ROOM, "ann"));
        Await.get(zombie.join(ROOM, "bob"));
        Await.get(lasting.join(ROOM, "bob"));
        lasting.awaitMembers(ROOM, 1);
        Await.get(zombie.join(ROOM, "cid"));
        assertEquals(List.of("bob", "ann", "cid"), lasting.members(ROOM));
        assertEquals(1, zombie.store.stats().fenced());
        List<String> expected = List.of("+ann@room", "+bob@room", "-ann@room", "+ann@room", "+cid@room");
        Await.until(() -> lasting.heard().size() >= 5, () -> lasting.heard().toString());
        assertEquals(expected, lasting.heard());
        PresenceNode.awaitTold(
                List.of("JOINED:ann@room", "JOINED:bob@room", "LEFT:ann@room", "JOINED:ann@room", "JOINED:cid@room"),
                lasting,
                zombie);
    }

    @Test
    void nobodyCalledForLong_allGetTimeToCall() {
        PresenceNode first = add(PresenceNode.passive(config, LONG));
        PresenceNode second = add(PresenceNode.passive(config, LONG));
        Await.get(second.join(ROOM, "ann"));
        pass(first, Duration.ofHours(2));
        second.redis.shift(Duration.ofHours(2));
        pass(second, Duration.ZERO);
        pass(first, Duration.ofMinutes(20));
        pass(first, Duration.ofMinutes(20));
        pass(first, Duration.ofMinutes(15));
        assertEquals(List.of("ann"), first.members(ROOM));
        pass(first, Duration.ofMinutes(10));
        first.awaitMembers(ROOM, 0);
    }

    @Test
    void clockIsPutBack_noLeaseLastsLonger() {
        PresenceNode first = add(PresenceNode.passive(config, LONG));
        PresenceNode second = add(PresenceNode.passive(config, LONG));
        Await.get(second.join(ROOM, "ann"));
        pass(first, Duration.ofDays(-30));
        pass(first, Duration.ofMinutes(20));
        pass(first, Duration.ofMinutes(20));
        pass(first, Duration.ofMinutes(15));
        assertEquals(List.of("ann"), first.members(ROOM));
        pass(first, Duration.ofMinutes(10));
        first.awaitMembers(ROOM, 0);
    }

    private static void pass(PresenceNode node, Duration time) {
        node.redis.shift(time);
        long before = node.store.stats().renewals();
        node.store.renew();
        Await.until(() -> node.store.stats().renewals() > before, () -> "the lease is not renewed");
    }

    private static List<String> ids(PresenceNode node) {
        return node.transitions().stream().map(PresenceStore.Transition::id).toList();
    }

    @Test
    void tellerDiesBeforeItCanSayThatItTold_theNextOneTellsTheSame() {
        PresenceNode teller = add(PresenceNode.lively(config, SHORT));
        Await.until(() -> teller.store.stats().renewals() > 0, () -> "the first node has no lease");
        PresenceNode next = add(PresenceNode.lively(config, SHORT));
        CompletableFuture<Void> died = new CompletableFuture<>();
        teller.dealing = transition -> {
            teller.die();
            died.complete(null);
            return PresenceStore.Transition.DONE;
        };
        Await.get(next.join(ROOM, "ann"));
        Await.get(died);
        Await.until(() -> !next.transitions().isEmpty(), () -> "nobody took the place of the teller");
        assertEquals(ids(teller), ids(next));
        assertFalse(teller.transitions().get(0).again());
        assertTrue(next.transitions().get(0).again());
        Await.get(next.join(ROOM, "bob"));
        Await.until(
                () -> next.transitions().size() >= 2, () -> next.transitions().toString());
        assertEquals(
                PresenceStore.Transition.Kind.JOINED, next.transitions().get(1).kind());
        assertEquals("bob", next.transitions().get(1).subject());
    }

    /** The stages of a teller that takes its time, by what they are of. */
    private static Map<String, CompletableFuture<Void>> slowly(PresenceNode teller) {
        Map<String, CompletableFuture<Void>> stages = new ConcurrentHashMap<>();
        teller.dealing =
                transition -> stages.computeIfAbsent(transition.subject(), subject -> new CompletableFuture<>());
        return stages;
    }

    private PresenceNode teller() {
        PresenceNode teller = add(PresenceNode.lively(config, SHORT));
        Await.until(() -> teller.store.stats().renewals() > 0, () -> "the first node has no lease");
        return teller;
    }

    @Test
    void tellerDiesBeforeItIsDone_theNextOneTellsWhatWasNotDealtWith() {
        PresenceNode teller = teller();
        Map<String, CompletableFuture<Void>> stages = slowly(teller);
        PresenceNode next = add(PresenceNode.lively(config, SHORT));
        joinAll(next, 0, 3);
        Await.until(() -> stages.size() == 3, () -> stages.keySet().toString());
        stages.get("user-1").complete(null);
        Await.until(() -> teller.store.stats().outbox() == 2, () -> teller.store.stats() + " are kept");
        teller.die();
        stages.get("user-0").complete(null); // nobody hears of it
        Await.until(
                () -> next.transitions().size() >= 2, () -> next.transitions().toString());
        joinAll(next, 3, 4);
        Await.until(
                () -> next.transitions().size() >= 3, () -> next.transitions().toString());
        assertEquals(
                List.of("user-0", "user-2", "user-3"),
                next.transitions().stream()
                        .map(PresenceStore.Transition::subject)
                        .toList());
        assertEquals(List.of(ids(teller).get(0), ids(teller).get(2)), ids(next).subList(0, 2));
        assertFalse(next.transitions().get(2).again());
    }

    @Test
    void tellerEnds_itWaitsForWhatItDealsWith_andTheNextOneTellsTheRest() {
        PresenceNode teller = teller();
        Map<String, CompletableFuture<Void>> stages = slowly(teller);
        teller.onClosing = () -> {
            stages.get("user-0").complete(null);
            stages.get("user-1").completeExceptionally(new IllegalStateException("not taken"));
            CompletableFuture.runAsync(() -> stages.get("user-2").complete(null));
        };
        PresenceNode next = add(PresenceNode.lively(config, SHORT));
        joinAll(next, 0, 3);
        Await.get(teller.join(ROOM, "teller"));
        Await.until(() -> stages.size() == 4, () -> stages.keySet().toString());
        stages.get("teller").complete(null);
        teller.close();
        Await.until(
                () -> next.transitions().size() >= 2, () -> next.transitions().toString());
        assertEquals(
                List.of("JOINED user-1", "LEFT teller"),
                next.transitions().stream()
                        .map(each -> each.kind() + " " + each.subject())
                        .toList());
        assertEquals(ids(teller).get(1), ids(next).get(0));
    }
}
