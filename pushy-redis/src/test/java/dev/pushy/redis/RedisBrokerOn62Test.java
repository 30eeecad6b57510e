package dev.pushy.redis;

import dev.pushy.core.contract.BrokerFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same on a Redis 6.2. */
class RedisBrokerOn62Test extends RedisBrokerContracts {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.EMBEDDED);

    @Override
    BrokerFixture createFixture() {
        return new RedisFixture(SITE, 1);
    }
}
