package dev.pushy.examples.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A PostgreSQL for the tests of a class, from a library that brings the program along. */
final class PostgresServer implements BeforeAllCallback, AfterAllCallback {
    private EmbeddedPostgres postgres;
    /** Stays open: with the last connection a thread of the driver would end, and with the next one another begin. */
    private Connection first;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "off")
                .setServerConfig("max_connections", "100")
                .start();
        first = database("postgres").getConnection();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        first.close();
        postgres.close();
    }

    DataSource database(String name) {
        return postgres.getDatabase("postgres", name);
    }
}
