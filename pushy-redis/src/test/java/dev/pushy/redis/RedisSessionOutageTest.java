package dev.pushy.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.UnavailableException;
import dev.pushy.core.contract.Await;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** What becomes of sessions when time passes, and when Redis is away or forgets. */
class RedisSessionOutageTest {
    private static final URI A = URI.create("http://10.0.0.1:4000");
    private static final URI B = URI.create("http://10.0.0.2:4000");
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration LONG = Duration.ofHours(1);

    private final RedisServer server = RedisServer.start(RedisServer.Kind.PATH);
    private final List<RedisBackplane> backplanes = new ArrayList<>();

    @AfterEach
    void end() {
        backplanes.forEach(RedisBackplane::close);
        server.close();
    }

    private RedisSessionDirectory node(URI address, Duration lease, Duration kept) {
        RedisBackplane redis = RedisBackplane.create(RedisConfig.builder(server.url())
                .connectTimeout(Duration.ofSeconds(2))
                .commandTimeout(Duration.ofSeconds(2))
                .build());
        backplanes.add(redis);
        redis.open();
        PresenceNode.awaitUp(redis);
        RedisSessionDirectory node = new RedisSessionDirectory(redis, lease, kept);
        node.start(address);
        return node;
    }

    private void kill() {
        server.kill();
        for (RedisBackplane redis : backplanes) {
            Await.until(() -> !redis.isUp(0), () -> "a node does not notice that Redis is away");
        }
    }

    private void restart() {
        server.restart();
        backplanes.forEach(PresenceNode::awaitUp);
    }

    private static void awaitAt(URI node, RedisSessionDirectory asking, String session) {
        Await.until(() -> tryFind(asking, session).equals(Optional.of(node)), () -> session + " is not at " + node);
    }

    private static Optional<URI> tryFind(RedisSessionDirectory asking, String session) {
        CompletionStage<Optional<URI>> found = asking.find(session).exceptionally(failure -> Optional.empty());
        return Await.get(found);
    }

    @Test
    void whileRedisIsAway_questionsFail_andWhatWasClaimedIsSaidAfterwards() {
        RedisSessionDirectory a = node(A, LEASE, LONG);
        RedisSessionDirectory b = node(B, LEASE, LONG);
        Await.get(a.claim("before"));
        Await.get(a.claim("released"));
        kill();
        assertInstanceOf(UnavailableException.class, Await.failure(a.claim("meanwhile")));
        assertInstanceOf(UnavailableException.class, Await.failure(b.find("before")));
        a.release("released");
        server.forget();
        restart();
        awaitAt(A, b, "before");
        awaitAt(A, b, "meanwhile");
        assertEquals(Optional.empty(), Await.get(b.claim("released")));
    }

    @Test
    void redisThatForgets_isToldAgain() {
        RedisSessionDirectory a = node(A, LEASE, LONG);
        RedisSessionDirectory b = node(B, LEASE, LONG);
        for (int i = 0; i < 500; i++) {
            Await.get(a.claim("s" + i));
        }
        try (Jedis redis = server.connect()) {
            redis.flushAll();
        }
        for (int i = 0; i < 500; i += 50) {
            awaitAt(A, b, "s" + i);
        }
        awaitAt(A, b, "s499");
    }

    @Test
    void sessionsOfANodeThatDied_areFree_whenItsLeaseIsOver() {
        RedisSessionDirectory a = node(A, LEASE, LONG);
        RedisSessionDirectory b = node(B, LEASE, LONG);
        Await.get(a.claim("s"));
        assertEquals(Optional.of(A), Await.get(b.find("s")));
        backplanes.get(0).close();
        Await.until(() -> tryFind(b, "s").isEmpty(), () -> "the lease does not end");
        assertEquals(Optional.empty(), Await.get(b.claim("s")));
        Await.until(() -> nodes() == 1, () -> "the dead node is not removed");
    }

    private String key(String name) {
        return new String(backplanes.get(0).keys().key(0, name), UTF_8);
    }

    private long nodes() {
        try (Jedis redis = server.connect()) {
            return redis.hlen(key("session-nodes"));
        }
    }

    @Test
    void nodeThatIsAlive_keepsItsLease_andItsSessionsBeyondTheirKeys() {
        RedisSessionDirectory a = node(A, Duration.ofSeconds(9), Duration.ofSeconds(15));
        RedisSessionDirectory b = node(B, LEASE, LONG);
        Await.get(a.claim("s"));
        Await.get(a.claim("released"));
        a.release("released");
        // Prolonged three times, each time after more than a third of its life: it is older than that now.
        for (int i = 0; i < 3; i++) {
            long before = awaitLife(millis -> millis < 12_000);
            assertTrue(before > 0, "the key is gone");
            assertTrue(awaitLife(millis -> millis > 12_000) > 0, "the key is gone");
            assertEquals(Optional.of(A), Await.get(b.find("s")));
        }
        try (Jedis redis = server.connect()) {
            assertEquals(1, redis.keys(key("session:*")).size());
        }
    }

    /** The life of the only key of a session once it is like this. */
    private long awaitLife(LongPredicate like) {
        try (Jedis redis = server.connect()) {
            Await.until(() -> redis.keys(key("session:*")).size() == 1, () -> "there is not one key");
            String session = redis.keys(key("session:*")).iterator().next();
            Await.until(() -> like.test(redis.pttl(session)), () -> "the key is not prolonged");
            return redis.pttl(session);
        }
    }

    @Test
    void names_areNotToBeReadInRedis() {
        RedisSessionDirectory a = node(A, LEASE, LONG);
        Await.get(a.claim("/app/key/abc123"));
        try (Jedis redis = server.connect()) {
            assertTrue(redis.keys("*").stream().noneMatch(key -> key.contains("abc123")));
        }
    }

    @Test
    void close_whileRedisIsAway_ends() {
        RedisSessionDirectory a = node(A, LEASE, LONG);
        Await.get(a.claim("s"));
        kill();
        a.close();
        a.close();
        a.release("s");
    }
}
