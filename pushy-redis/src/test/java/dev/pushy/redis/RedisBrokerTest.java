package dev.pushy.redis;

import dev.pushy.core.contract.BrokerFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a broker promises, kept by nodes that share a Redis 7. */
class RedisBrokerTest extends RedisBrokerContracts {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.PATH);

    @Override
    BrokerFixture createFixture() {
        return new RedisFixture(SITE, 1);
    }
}
