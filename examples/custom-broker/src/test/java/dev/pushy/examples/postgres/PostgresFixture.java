package dev.pushy.examples.postgres;

import dev.pushy.core.Broker;
import dev.pushy.core.contract.BrokerFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A database of its own for one test. */
final class PostgresFixture extends BrokerFixture {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final PostgresServer server;
    private final String name = "test_" + COUNT.incrementAndGet();
    private final DataSource database;

    PostgresFixture(PostgresServer server) {
        this.server = server;
        execute(server.database("postgres"), "CREATE DATABASE " + name);
        this.database = server.database(name);
    }

    @Override
    public Broker createNode() {
        return new PostgresBroker(database);
    }

    /** Lets what is kept become older, which is the same. */
    @Override
    public void advance(Duration time) {
        String earlier = "expires = expires - interval '" + time.toMillis() + " ms'";
        for (String table : new String[] {"idempotency", "retained", "revocation"}) {
            execute(database, "UPDATE pushy." + table + " SET " + earlier);
        }
    }

    /** Ends the connections of all nodes, as a failing network or a restart of the database does. */
    void breakConnections() {
        execute(
                server.database("postgres"),
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
    }

    @Override
    public void close() {
        execute(server.database("postgres"), "DROP DATABASE " + name + " WITH (FORCE)");
    }

    private static void execute(DataSource on, String sql) {
        try (Connection connection = on.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
