package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.HistoryQuery;
import dev.pushy.core.PublishException;
import dev.pushy.core.Receipt;
import dev.pushy.core.contract.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.ClientKillParams;

/** What goes wrong with a Redis that was fine: it is said, with the remedy, nothing breaks for good, and it passes. */
class RedisFaultTest {
    private final RedisServer server = RedisServer.start(RedisServer.Kind.PATH, "--enable-debug-command", "yes");
    private final Jedis admin = server.connect();
    private final LogLines log = new LogLines();
    private BrokerNode node;
    private BrokerNode other;
    private Set<Thread> threads = Set.of();

    @BeforeEach
    void start() {
        node = BrokerNode.start(BrokerNode.patient(server.url()).build())
                .awaitWell()
                .subscribe("**");
        other = BrokerNode.start(BrokerNode.patient(server.url()).build())
                .awaitWell()
                .subscribe("news");
        node.awaitHeard("news", node, other);
        threads = threads();
    }

    /** Whatever happened, in the end there are the threads that were there in the beginning, and then none. */
    @AfterEach
    void end() {
        try {
            assertEquals(threads, threads());
        } finally {
            node.close();
            other.close();
            admin.close();
            server.close();
            log.close();
        }
        Await.until(() -> threads().isEmpty(), () -> "threads are left: " + threads());
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("pushy-redis"))
                .collect(Collectors.toSet());
    }

    private void awaitRefused(String word) {
        Await.until(() -> refusal().contains(word), () -> "a publish is not refused for " + word + ": " + refusal());
    }

    /** What a publisher is told now; empty if the message is accepted. */
    private String refusal() {
        return node.publish("news")
                .handle((receipt, failure) -> failure == null ? "" : String.valueOf(failure.getMessage()))
                .toCompletableFuture()
                .join();
    }

    @Test
    void redisStandsStill_publishesAreUnknownThenRefused_andItPasses() {
        // Without a canary, so that the publish is the first to get no answer.
        RedisConfig config =
                BrokerNode.impatient(server.url()).canary(Duration.ofHours(1)).build();
        try (BrokerNode hasty = BrokerNode.start(config)) {
            hasty.awaitWell().subscribe("news");
            hasty.awaitHeard("news", hasty);
            server.pause();
            PublishException first = assertInstanceOf(PublishException.class, Await.failure(hasty.publish("news")));
            assertEquals(PublishException.Outcome.UNKNOWN, first.outcome());
            log.awaitWarning("broke, connecting again");
            log.awaitWarning("does not answer within 700 ms");
            assertTrue(hasty.refusal("news").contains("is away"));
            Await.until(() -> !hasty.broker.health().publishing(), () -> "it says that it can publish");
            server.resume();
            hasty.awaitHeard("news", hasty, node, other);
            log.awaitLine("again");
        }
    }

    @Test
    void redisIsSlow_publishesWait_andAreAcceptedOnce() throws Exception {
        List<CompletionStage<Receipt>> receipts = new ArrayList<>();
        try (BrokerNode slow = BrokerNode.start(BrokerNode.patient(server.url())
                        .canary(Duration.ofSeconds(25))
                        .build())
                .awaitWell()
                .subscribe("slow")) {
            Thread sleeper = new Thread(() -> run("DEBUG", "SLEEP", "2"), "sleeper");
            sleeper.start();
            for (int i = 0; i < 50; i++) {
                receipts.add(slow.publish("slow"));
                LockSupport.parkNanos(10_000_000);
            }
            sleeper.join();
            List<String> ids =
                    receipts.stream().map(receipt -> Await.get(receipt).id()).toList();
            Await.until(
                    () -> slow.heard().size() >= ids.size(),
                    () -> "heard " + slow.heard().size());
            assertEquals(ids, slow.heard());
            assertTrue(slow.isWell());
        }
        node.awaitHeard("news", node, other);
    }

    private void run(String command, String... arguments) {
        try (Jedis redis = new Jedis("127.0.0.1", server.port(), 60_000)) {
            redis.sendCommand(() -> command.getBytes(StandardCharsets.US_ASCII), arguments);
        } catch (JedisException killed) {
            // As it must be.
        }
    }

    @Test
    void redisIsFull_publishesAreRefused_linksComeBackAllTheSame_andItPasses() {
        Receipt before = Await.get(node.publish("news"));
        admin.configSet("maxmemory", "1");
        String refusal = node.refusal("news");
        assertTrue(refusal.contains("Redis is full: raise maxmemory"), refusal);
        log.awaitWarning("Redis is full: raise maxmemory");
        long breaks = node.redis.counters().linkBreaks.sum();
        admin.clientKill(ClientKillParams.clientKillParams().type(ClientType.PUBSUB));
        Await.until(() -> node.redis.counters().linkBreaks.sum() > breaks, () -> "the link does not break");
        node.awaitWell();
        assertTrue(Await.get(
                        node.broker.log().orElseThrow().history(Channel.of("news"), new HistoryQuery(10, null, true)))
                .messages()
                .stream()
                .anyMatch(message -> message.id().equals(before.id())));
        int warnings = log.warnings().size();
        for (int i = 0; i < 500; i++) {
            node.refusal("news." + i % 2);
        }
        assertTrue(log.warnings().size() < warnings + 20, "each refusal is logged: " + log.warnings());
        admin.configSet("maxmemory", "0");
        node.awaitHeard("news", node, other);
    }

    @Test
    void redisBecomesAReplica_itIsSaid_andItPasses() {
        admin.replicaof("127.0.0.1", RedisServer.freePort());
        awaitRefused("replica");
        log.awaitWarning("replica", "redis-sentinel://");
        admin.replicaofNoOne();
        node.awaitHeard("news", node, other);
    }

    @Test
    void tooFewReplicas_itIsSaid_andItPasses() {
        admin.configSet("min-replicas-to-write", "1");
        assertTrue(node.refusal("news").contains("min-replicas-to-write"));
        log.awaitWarning("min-replicas-to-write");
        admin.configSet("min-replicas-to-write", "0");
        node.awaitHeard("news", node, other);
    }

    @Test
    void somebodysScriptRunsForEver_itIsSaid_andItPasses() throws Exception {
        admin.configSet("lua-time-limit", "50");
        Thread endless = new Thread(() -> run("EVAL", "while true do end", "0"), "endless");
        endless.start();
        log.awaitWarning("SCRIPT KILL");
        awaitRefused("SCRIPT KILL");
        admin.scriptKill();
        endless.join();
        node.awaitHeard("news", node, other);
    }

    @Test
    void scriptsAreForgotten_nothingIsRefused() {
        List<String> ids = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            List<CompletionStage<Receipt>> receipts = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                receipts.add(node.publish("news"));
                if (i == 10) {
                    admin.scriptFlush();
                }
            }
            receipts.forEach(receipt -> ids.add(Await.get(receipt).id()));
        }
        Await.until(() -> other.heard().containsAll(ids), () -> "messages are missing");
        List<String> heard = new ArrayList<>(other.heard());
        heard.retainAll(ids);
        assertEquals(ids, heard);
        assertEquals(List.of(), log.warnings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream:default:news", "last:default:news", "index", "log"})
    void keyOfTheWrongType_isSaid_andItPasses(String name) {
        byte[] key = node.redis.keys().key(0, name);
        byte[] kept = admin.dump(key);
        admin.del(key);
        if (name.startsWith("last")) {
            admin.lpush(key, new byte[] {1});
        } else {
            admin.set(key, new byte[] {1});
        }
        String refusal = node.refusal("news");
        assertTrue(refusal.contains("wrong type") && refusal.contains("prefix"), refusal);
        log.awaitWarning("wrong type", "another prefix");
        List<String> before = other.heard();
        admin.del(key);
        admin.restore(key, 0, kept);
        node.awaitHeard("news", node, other);
        assertTrue(other.heard().size() > before.size());
    }

    @Test
    void connectionsAreKilled_theyComeBack() {
        for (ClientType type : List.of(ClientType.NORMAL, ClientType.PUBSUB)) {
            admin.clientKill(ClientKillParams.clientKillParams().type(type).skipMe(ClientKillParams.SkipMe.YES));
            node.awaitHeard("news", node, other);
        }
    }

    @Test
    void passwordChanges_itIsSaid_andItPasses() {
        admin.configSet("requirepass", "new-secret");
        admin.clientKill(ClientKillParams.clientKillParams().skipMe(ClientKillParams.SkipMe.YES));
        log.awaitWarning("does not accept the user or password");
        Await.until(() -> !node.isWell() && !other.isWell(), () -> "the nodes believe that they are well");
        admin.configSet("requirepass", "");
        node.awaitHeard("news", node, other);
        for (String line : log.all()) {
            assertFalse(line.contains("new-secret"), line);
        }
    }

    @Test
    void foreignMessageOnATopic_harmsNobody() {
        byte[] topic = node.redis.keys().topic(Channel.of("news"));
        for (String payload :
                List.of("", "M", "M1 2", "m", "x", "K", "R", "O", "J", "Q", "T", "C", "M1 2 3 4 5 - \u0000")) {
            admin.publish(topic, payload.getBytes(StandardCharsets.ISO_8859_1));
        }
        node.awaitHeard("news", node, other);
    }
}
