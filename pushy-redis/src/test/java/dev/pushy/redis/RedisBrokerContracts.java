package dev.pushy.redis;

import dev.pushy.core.contract.BrokerContract;
import dev.pushy.core.contract.BrokerFaultContract;
import dev.pushy.core.contract.BrokerFixture;
import dev.pushy.core.contract.MessageLogContract;
import org.junit.jupiter.api.Nested;

/** All that a broker promises, to be kept on one kind of Redis. */
abstract class RedisBrokerContracts {
    abstract BrokerFixture createFixture();

    @Nested
    class Delivery extends BrokerContract {
        @Override
        protected BrokerFixture createFixture() {
            return RedisBrokerContracts.this.createFixture();
        }
    }

    @Nested
    class Log extends MessageLogContract {
        @Override
        protected BrokerFixture createFixture() {
            return RedisBrokerContracts.this.createFixture();
        }
    }

    @Nested
    class Faults extends BrokerFaultContract {
        @Override
        protected BrokerFixture createFixture() {
            return RedisBrokerContracts.this.createFixture();
        }
    }
}
