package dev.pushy.redis;

import dev.pushy.core.SessionDirectory;
import dev.pushy.core.contract.Await;
import dev.pushy.core.contract.SessionDirectoryContract;
import dev.pushy.core.contract.SessionDirectoryFixture;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** What a session directory promises, kept by nodes that share a Redis. */
abstract class RedisSessionContract extends SessionDirectoryContract {
    /** So long that no lease ends or is renewed but by the test. */
    private static final Duration LEASE = Duration.ofHours(1);

    private static final AtomicInteger PREFIXES = new AtomicInteger();

    /** Of the Redis that the test class runs on. */
    abstract String url();

    @Override
    protected SessionDirectoryFixture createFixture() {
        return new Cluster(RedisConfig.builder(url())
                .prefix("sessions" + PREFIXES.incrementAndGet() + ":")
                .build());
    }

    private static final class Cluster extends SessionDirectoryFixture {
        private final RedisConfig config;
        private final Map<SessionDirectory, RedisBackplane> nodes = new LinkedHashMap<>();

        private Cluster(RedisConfig config) {
            this.config = config;
        }

        @Override
        public SessionDirectory createNode() {
            RedisBackplane redis = RedisBackplane.create(config);
            redis.open();
            PresenceNode.awaitUp(redis);
            SessionDirectory node = new RedisSessionDirectory(redis, LEASE, LEASE);
            nodes.put(node, redis);
            return node;
        }

        @Override
        public void endLease(SessionDirectory node) {
            RedisBackplane redis = nodes.get(node);
            for (int p = 0; p < redis.partitions(); p++) {
                Await.get(redis.eval(
                        p,
                        new ScriptCall(Script.of("session-release"))
                                .key(redis.keys().key(p, "session-nodes"))
                                .arg(redis.nodeId())));
            }
        }

        @Override
        public void close() {
            nodes.values().forEach(RedisBackplane::close);
        }
    }
}
