package dev.pushy.redis;

import dev.pushy.core.contract.BrokerFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same with a log in four parts. */
class RedisBrokerOfFourPartitionsTest extends RedisBrokerContracts {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.PATH);

    @Override
    BrokerFixture createFixture() {
        return new RedisFixture(SITE, 4);
    }
}
