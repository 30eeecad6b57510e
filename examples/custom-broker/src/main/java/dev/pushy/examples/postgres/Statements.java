package dev.pushy.examples.postgres;

import dev.pushy.core.Channel;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Retained;
import dev.pushy.core.Revocation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is said to the database; {@code schema.sql} has the rest of it. */
final class Statements {
    private static final byte[] NO_DATA = new byte[0];
    private static final String SCHEMA = schema();
    /** Nodes that start at once create the tables one after the other. */
    private static final long LOCK = 0x70757368;

    private Statements() {}

    /** Takes the rows of the table of events. */
    interface Events {
        void take(long number, String kind, String head, byte[] data);
    }

    private static String schema() {
        try (InputStream in = Statements.class.getResourceAsStream("schema.sql")) {
            if (in == null) {
                throw new IllegalStateException("schema.sql is missing beside this class");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
            try {
                statement.execute(SCHEMA);
            } finally {
                statement.execute("SELECT pg_advisory_unlock(" + LOCK + ")");
            }
        }
    }

    /** The id of the message, or of the first one with its key. */
    static String publish(Connection connection, Publication publication, PublishOptions options) throws SQLException {
        String sql = "SELECT pushy.publish(?, ?, ?, ?, ?, ? * interval '1 ms', ? * interval '1 ms')";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name(publication.channel()));
            statement.setString(2, publication.id());
            statement.setString(3, Words.head(publication));
            statement.setBytes(4, publication.data());
            statement.setString(5, options.key());
            statement.setLong(6, PublishOptions.KEY_LIFE.toMillis());
            statement.setLong(7, options.retain().toMillis());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static String name(Channel channel) {
        return channel.app() + ':' + channel.name();
    }

    static Optional<Retained> retained(Connection connection, Channel channel) throws SQLException {
        String sql = "SELECT head, data, (extract(epoch FROM expires) * 1000)::bigint FROM pushy.retained"
                + " WHERE channel = ? AND expires > clock_timestamp()";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name(channel));
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(
                                new Retained(Words.publication(row.getString(1), row.getBytes(2)), row.getLong(3)))
                        : Optional.empty();
            }
        }
    }

    static void control(Connection connection, ControlMessage message) throws SQLException {
        append(connection, "control", Words.control(message));
    }

    static void revoke(Connection connection, Revocation revocation) throws SQLException {
        String body = Words.revocation(revocation);
        String sql = "INSERT INTO pushy.revocation (body, expires) VALUES (?, to_timestamp(least(?, 1e11)))"
                + " ON CONFLICT DO NOTHING";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, body);
            statement.setLong(2, revocation.until());
            statement.executeUpdate();
        }
        append(connection, "revocation", body);
    }

    private static void append(Connection connection, String kind, String head) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pushy.append(?, ?, ?)")) {
            statement.setString(1, kind);
            statement.setString(2, head);
            statement.setBytes(3, NO_DATA);
            statement.execute();
        }
    }

    static List<Revocation> revocations(Connection connection) throws SQLException {
        List<Revocation> kept = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT body FROM pushy.revocation WHERE expires > clock_timestamp()")) {
            while (row.next()) {
                kept.add(Words.revocation(row.getString(1)));
            }
        }
        return kept;
    }

    /** The number of the last event. */
    static long last(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT number FROM pushy.last")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Reads the events behind this number, in their order, at most so many. How many there were. */
    static int after(Connection connection, long number, int most, Events events) throws SQLException {
        String sql = "SELECT number, kind, head, data FROM pushy.event WHERE number > ? ORDER BY number LIMIT ?";
        int count = 0;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, number);
            statement.setInt(2, most);
            try (ResultSet row = statement.executeQuery()) {
                for (; row.next(); count++) {
                    events.take(row.getLong(1), row.getString(2), row.getString(3), row.getBytes(4));
                }
            }
        }
        return count;
    }

    static void forget(Connection connection) throws SQLException {
        execute(connection, "SELECT pushy.forget()");
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
