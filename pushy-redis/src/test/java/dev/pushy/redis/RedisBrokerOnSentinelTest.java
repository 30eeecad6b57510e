package dev.pushy.redis;

import dev.pushy.core.contract.BrokerContract;
import dev.pushy.core.contract.BrokerFaultContract;
import dev.pushy.core.contract.BrokerFixture;
import dev.pushy.core.contract.MessageLogContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same on a Redis 7 whose master a sentinel names. */
class RedisBrokerOnSentinelTest {
    @RegisterExtension
    static final RedisSite SITE = new SentinelSite(RedisServer.Kind.PATH, 1);

    private static BrokerFixture fixture() {
        return new RedisFixture(SITE, 1);
    }

    @Nested
    class Delivery extends BrokerContract {
        @Override
        protected BrokerFixture createFixture() {
            return fixture();
        }
    }

    @Nested
    class Log extends MessageLogContract {
        @Override
        protected BrokerFixture createFixture() {
            return fixture();
        }
    }

    @Nested
    class Faults extends BrokerFaultContract {
        @Override
        protected BrokerFixture createFixture() {
            return fixture();
        }
    }
}
