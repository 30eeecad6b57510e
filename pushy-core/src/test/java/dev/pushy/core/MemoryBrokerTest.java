package dev.pushy.core;

import dev.pushy.core.contract.BrokerContract;
import dev.pushy.core.contract.BrokerFaultContract;
import dev.pushy.core.contract.BrokerFixture;
import dev.pushy.core.contract.MessageLogContract;
import org.junit.jupiter.api.Nested;

class MemoryBrokerTest {

    @Nested
    class OnePartition extends BrokerContract {
        @Override
        protected BrokerFixture createFixture() {
            return new MemoryBrokerFixture(1);
        }
    }

    @Nested
    class FourPartitions extends BrokerContract {
        @Override
        protected BrokerFixture createFixture() {
            return new MemoryBrokerFixture(4);
        }
    }

    @Nested
    class LogOfOnePartition extends MessageLogContract {
        @Override
        protected BrokerFixture createFixture() {
            return new MemoryBrokerFixture(1);
        }
    }

    @Nested
    class LogOfFourPartitions extends MessageLogContract {
        @Override
        protected BrokerFixture createFixture() {
            return new MemoryBrokerFixture(4);
        }
    }

    @Nested
    class FaultsOfOnePartition extends BrokerFaultContract {
        @Override
        protected BrokerFixture createFixture() {
            return new MemoryBrokerFixture(1);
        }
    }

    @Nested
    class FaultsOfFourPartitions extends BrokerFaultContract {
        @Override
        protected BrokerFixture createFixture() {
            return new MemoryBrokerFixture(4);
        }
    }
}
