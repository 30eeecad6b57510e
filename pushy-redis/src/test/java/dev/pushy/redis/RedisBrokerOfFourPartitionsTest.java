package dev.pushy.redis;

import dev.pushy.core.contract.BrokerContract;
import dev.pushy.core.contract.BrokerFaultContract;
import dev.pushy.core.contract.BrokerFixture;
import dev.pushy.core.contract.MessageLogContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same with a log in four parts. */
class RedisBrokerOfFourPartitionsTest {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.PATH);

    private static BrokerFixture fixture() {
        return new RedisFixture(SITE, 4);
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
