package dev.pushy.redis;

import dev.pushy.core.contract.BrokerContract;
import dev.pushy.core.contract.BrokerFaultContract;
import dev.pushy.core.contract.BrokerFixture;
import dev.pushy.core.contract.MessageLogContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a broker promises, kept by nodes that share a Redis 7. */
class RedisBrokerTest {
    @RegisterExtension
    static final RedisHost HOST = new RedisHost(RedisServer.Kind.PATH);

    @Nested
    class OnePartition extends BrokerContract {
        @Override
        protected BrokerFixture createFixture() {
            return new RedisFixture(HOST, 1);
        }
    }

    @Nested
    class FourPartitions extends BrokerContract {
        @Override
        protected BrokerFixture createFixture() {
            return new RedisFixture(HOST, 4);
        }
    }

    @Nested
    class LogOfOnePartition extends MessageLogContract {
        @Override
        protected BrokerFixture createFixture() {
            return new RedisFixture(HOST, 1);
        }
    }

    @Nested
    class LogOfFourPartitions extends MessageLogContract {
        @Override
        protected BrokerFixture createFixture() {
            return new RedisFixture(HOST, 4);
        }
    }

    @Nested
    class FaultsOfOnePartition extends BrokerFaultContract {
        @Override
        protected BrokerFixture createFixture() {
            return new RedisFixture(HOST, 1);
        }
    }

    @Nested
    class FaultsOfFourPartitions extends BrokerFaultContract {
        @Override
        protected BrokerFixture createFixture() {
            return new RedisFixture(HOST, 4);
        }
    }
}
