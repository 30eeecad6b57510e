package dev.pushy.redis;

import dev.pushy.core.contract.BrokerFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same on a Redis Cluster 6.2, which knows no sharded topics. */
class RedisBrokerOn62ClusterTest extends RedisBrokerContracts {
    @RegisterExtension
    static final RedisSite SITE = new ClusterSite(RedisServer.Kind.EMBEDDED, 3);

    @Override
    BrokerFixture createFixture() {
        return new RedisFixture(SITE, 4);
    }
}
