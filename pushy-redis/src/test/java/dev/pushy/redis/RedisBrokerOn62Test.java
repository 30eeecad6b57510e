package dev.pushy.redis;

import dev.pushy.core.contract.BrokerContract;
import dev.pushy.core.contract.BrokerFaultContract;
import dev.pushy.core.contract.BrokerFixture;
import dev.pushy.core.contract.MessageLogContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same on a Redis 6.2. */
class RedisBrokerOn62Test {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.EMBEDDED);

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
