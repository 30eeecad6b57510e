package dev.pushy.redis;

import dev.pushy.core.contract.BrokerFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same on a Redis Cluster 7, where messages go by sharded topics. */
class RedisBrokerOnClusterTest extends RedisBrokerContracts {
    @RegisterExtension
    static final RedisSite SITE = new ClusterSite(RedisServer.Kind.PATH, 3);

    @Override
    BrokerFixture createFixture() {
        return new RedisFixture(SITE, 4);
    }
}
