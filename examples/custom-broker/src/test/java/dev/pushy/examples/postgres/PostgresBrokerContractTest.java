package dev.pushy.examples.postgres;

import dev.pushy.core.contract.BrokerContract;
import dev.pushy.core.contract.BrokerFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract of brokers, on a real database. */
class PostgresBrokerContractTest extends BrokerContract {
    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    @Override
    protected BrokerFixture createFixture() {
        return new PostgresFixture(SERVER);
    }
}
