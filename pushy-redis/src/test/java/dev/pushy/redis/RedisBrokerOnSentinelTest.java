package dev.pushy.redis;

import dev.pushy.core.contract.BrokerFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same on a Redis 7 whose master a sentinel names. */
class RedisBrokerOnSentinelTest extends RedisBrokerContracts {
    @RegisterExtension
    static final RedisSite SITE = new SentinelSite(RedisServer.Kind.PATH, 1);

    @Override
    BrokerFixture createFixture() {
        return new RedisFixture(SITE, 1);
    }
}
