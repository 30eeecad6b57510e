package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.PresenceStore.Transition;
import dev.pushy.core.contract.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** What a teller tells of an outbox in a real Redis, and when it is forgotten. */
class PresenceTellerTest {
    private static final Channel ROOM = Channel.of("room");
    private static final int ROOM_FOR = 100;
    private static final IllegalStateException FAILURE = new IllegalStateException("as the test wants it");

    private static RedisServer server;
    private static int prefixes;

    private final RedisBackplane redis = RedisBackplane.create(RedisConfig.builder(server.url())
            .prefix("teller" + prefixes++ + ":")
            .build());
    private final PresenceCalls calls =
            new PresenceCalls(redis, 0, Duration.ofHours(1).toMillis());
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final List<Transition> told = new ArrayList<>();
    private final Map<String, CompletableFuture<Void>> stages = new LinkedHashMap<>();
    private final PresenceTeller teller =
            new PresenceTeller(calls, new PresenceCounters(), thread, this::hear, ROOM_FOR);
    private long number;

    @BeforeAll
    static void startRedis() {
        server = RedisServer.start(RedisServer.Kind.PATH);
    }

    @AfterAll
    static void stopRedis() {
        server.close();
    }

    @BeforeEach
    void register() {
        redis.open();
        Await.get(redis.declare(ChannelPattern.of("**")));
        PresenceNode.awaitUp(redis);
        assertTrue(Await.get(calls.renew("n", 0, number)).teller());
        teller.assign("n");
    }

    @AfterEach
    void end() {
        redis.close();
        thread.shutdownNow();
    }

    private synchronized CompletionStage<Void> hear(Transition transition) {
        told.add(transition);
        CompletableFuture<Void> stage = new CompletableFuture<>();
        stages.put(transition.subject(), stage);
        return stage;
    }

    /** Subjects in the order in which they were told. */
    private synchronized List<String> told() {
        return told.stream().map(Transition::subject).toList();
    }

    private synchronized CompletableFuture<Void> stage(String subject) {
        return stages.get(subject);
    }

    private synchronized List<CompletableFuture<Void>> open() {
        return stages.values().stream().filter(stage -> !stage.isDone()).toList();
    }

    private void awaitTold(List<String> subjects) {
        Await.until(() -> told().size() >= subjects.size(), () -> "expected " + subjects + ", told " + told());
        assertEquals(subjects, told());
    }

    private void join(String... subjects) {
        for (String subject : subjects) {
            Statement statement = new Statement(ROOM, subject, "null", 1, Integer.MAX_VALUE, false);
            number++;
            Await.get(calls.update("n", number - 1, number, List.of(statement)));
        }
    }

    /** Who is in the outbox. */
    private List<String> kept() {
        try (Jedis jedis = server.connect()) {
            byte[] outbox = redis.keys().key(0, "presence:outbox");
            List<String> kept = new ArrayList<>();
            for (Object entry :
                    (List<?>) jedis.sendCommand(() -> "XRANGE".getBytes(), outbox, "-".getBytes(), "+".getBytes())) {
                List<?> fields = (List<?>) ((List<?>) entry).get(1);
                kept.add(new String((byte[]) fields.get(fields.size() - 1)));
            }
            return kept;
        }
    }

    private void awaitKept(String... subjects) {
        Await.until(() -> kept().equals(List.of(subjects)), () -> "kept are " + kept());
    }

    @Test
    void whatIsNotDealtWith_isKept() {
        join("ann", "bob", "cid");
        teller.look();
        awaitTold(List.of("ann", "bob", "cid"));
        assertEquals(List.of("ann", "bob", "cid"), kept());
        stage("bob").complete(null);
        awaitKept("ann", "cid");
        Await.until(() -> teller.waiting() == 2, () -> teller.waiting() + " wait");
        stage("cid").completeExceptionally(FAILURE);
        stage("ann").complete(null);
        awaitKept("cid");
        join("dan");
        teller.look();
        awaitTold(List.of("ann", "bob", "cid", "dan"));
        assertEquals(List.of("cid", "dan"), kept());
    }

    @Test
    void moreThanThereIsRoomFor_isToldWhenSomethingWasDealtWith() {
        String[] subjects = IntStream.range(0, 300).mapToObj(i -> "user-" + i).toArray(String[]::new);
        join(subjects);
        int most = 2 * PresenceCalls.BATCH;
        teller.look();
        Await.until(() -> told().size() >= most, () -> told().size() + " told");
        stage("user-7").complete(null);
        Await.until(() -> kept().size() == 299, () -> kept().size() + " kept");
        Await.until(() -> teller.waiting() == 299, () -> teller.waiting() + " wait");
        assertEquals(most, told().size());
        stage("user-8").completeExceptionally(FAILURE);
        Await.until(
                () -> {
                    open().forEach(stage -> stage.complete(null));
                    return kept().size() == 1;
                },
                () -> kept().size() + " kept");
        assertEquals(List.of(subjects), told());
        assertEquals(List.of("user-8"), kept());
    }

    @Test
    void roleLostAndRegained_whatIsBeingDealtWithIsNotToldAgain_whatFailedIs() {
        join("ann", "bob", "cid");
        teller.look();
        awaitTold(List.of("ann", "bob", "cid"));
        stage("bob").completeExceptionally(FAILURE);
        teller.assign(null);
        join("dan");
        teller.look();
        stage("cid").complete(null);
        awaitKept("ann", "bob", "dan");
        teller.assign("n");
        teller.look();
        awaitTold(List.of("ann", "bob", "cid", "bob", "dan"));
        assertTrue(told.get(3).again(), "another node may have told meanwhile");
        assertEquals(told.get(1).id(), told.get(3).id());
        stage("ann").complete(null);
        stage("bob").complete(null);
        awaitKept("dan");
        join("eve");
        teller.look();
        awaitTold(List.of("ann", "bob", "cid", "bob", "dan", "eve"));
        assertFalse(told.get(5).again());
    }

    @Test
    void linkThatIsUpAgain_whatWasReadBeforeIsLookedForAgain() {
        join("ann", "bob", "cid");
        teller.look();
        awaitTold(List.of("ann", "bob", "cid"));
        stage("bob").completeExceptionally(FAILURE);
        try (Jedis jedis = server.connect()) { // another Redis, whose clock is behind
            byte[] outbox = redis.keys().key(0, "presence:outbox");
            jedis.del(outbox);
            jedis.sendCommand(
                    () -> "XADD".getBytes(),
                    outbox,
                    "1-0".getBytes(),
                    "k".getBytes(),
                    "JOINED".getBytes(),
                    "c".getBytes(),
                    Statement.text(ROOM).getBytes(),
                    "s".getBytes(),
                    "eve".getBytes());
        }
        teller.lookFromStart();
        awaitTold(List.of("ann", "bob", "cid", "eve"));
        stage("eve").complete(null);
        awaitKept();
    }

    @Test
    void end_waitsForWhatIsBeingDealtWith_andTellsNoMore() {
        join("ann", "bob");
        teller.look();
        awaitTold(List.of("ann", "bob"));
        CompletableFuture<Void> end = teller.end().toCompletableFuture();
        join("cid");
        teller.look();
        stage("ann").complete(null);
        awaitKept("bob", "cid");
        assertFalse(end.isDone());
        stage("bob").completeExceptionally(FAILURE);
        Await.get(end);
        assertEquals(List.of("bob", "cid"), kept());
        assertEquals(List.of("ann", "bob"), told());
    }

    @Test
    void end_withoutRedis_fails() {
        join("ann");
        teller.look();
        awaitTold(List.of("ann"));
        redis.close();
        CompletableFuture<Void> end = teller.end().toCompletableFuture();
        stage("ann").complete(null);
        Await.failure(end);
    }
}
