package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.PresenceStore;
import dev.pushy.core.contract.Await;
import dev.pushy.core.contract.PresenceFixture;
import dev.pushy.core.contract.PresenceStoreContract;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** What a presence store promises, kept by nodes that share a Redis. */
abstract class RedisPresenceContract extends PresenceStoreContract {
    /** So long that no lease ends or is renewed but by the test. */
    private static final Duration LEASE = Duration.ofHours(1);

    /** The reserved channel of the contract, which no pattern matches. */
    private static final Channel ONLINE = Channel.reserved("default", "online", "ann?>\u00e9 bob");

    private static final AtomicInteger PREFIXES = new AtomicInteger();

    /** Of the Redis that the test class runs on. */
    abstract String url();

    @Override
    protected PresenceFixture createFixture() {
        return new Cluster(RedisConfig.builder(url())
                .prefix("test" + PREFIXES.incrementAndGet() + ":")
                .build());
    }

    private static final class Cluster extends PresenceFixture {
        private final RedisConfig config;
        private final Map<PresenceStore, RedisBackplane> nodes = new LinkedHashMap<>();

        private Cluster(RedisConfig config) {
            this.config = config;
        }

        @Override
        public PresenceStore createNode() {
            RedisBackplane redis = RedisBackplane.create(config);
            redis.open();
            Await.get(redis.declare(ChannelPattern.of("**")));
            Await.get(redis.declare(ChannelPattern.of(ONLINE)));
            PresenceNode.awaitUp(redis);
            RedisPresenceStore store = new RedisPresenceStore(redis, LEASE, false);
            nodes.put(store, redis);
            return store;
        }

        @Override
        public void endLease(PresenceStore node) {
            RedisBackplane other = nodes.entrySet().stream()
                    .filter(each -> each.getKey() != node)
                    .findFirst()
                    .orElseThrow()
                    .getValue();
            for (int p = 0; p < other.partitions(); p++) {
                String name = ((RedisPresenceStore) node).name(p);
                if (name != null) {
                    PresenceCalls calls = new PresenceCalls(other, p, LEASE.toMillis());
                    Await.get(calls.end(name, false));
                    Await.get(new PresenceReaper(calls, new PresenceCounters()).takeBack(name));
                }
            }
        }

        @Override
        public void renewLease(PresenceStore node) {
            ((RedisPresenceStore) node).renew();
        }

        @Override
        public void close() {
            nodes.values().forEach(RedisBackplane::close);
        }
    }
}
