package dev.pushy.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * What all nodes of a deployment must agree on. The first node writes it down; a node that is configured otherwise does not
 * join: its messages would go past the others.
 */
final class Deployment {
    private static final System.Logger LOG = System.getLogger(Deployment.class.getName());
    private static final int OLDEST_MAJOR = 6;
    private static final int OLDEST_MINOR = 2;
    private static final int FIRST_SHARDED = 7;

    private final byte[] key;
    private final int partitions;
    private final boolean cluster;
    private boolean warned;

    Deployment(Keys keys, boolean cluster) {
        this.key = keys.key(0, "deployment");
        this.partitions = keys.partitions();
        this.cluster = cluster;
    }

    /**
     * Whether messages go by sharded topics, which every node must do alike.
     *
     * @throws redis.clients.jedis.exceptions.JedisException if this node must not join, or Redis does not answer
     */
    boolean agree(RedisConnection connection) {
        String version = field(text(ask(connection, Command.INFO, "server")), "redis_version:");
        requireVersion(version);
        boolean sharded = cluster && major(version) >= FIRST_SHARDED;
        String stored = agree(connection, "partitions", Integer.toString(partitions));
        if (!stored.equals(Integer.toString(partitions))) {
            throw new JedisConnectionException("this deployment has " + stored + " partitions, this node is configured"
                    + " for " + partitions + ": configure " + stored + " here, or another prefix");
        }
        String topics = agree(connection, "topics", sharded ? "sharded" : "plain");
        if (!warned) {
            warned = true;
            warn(connection);
        }
        return topics.equals("sharded");
    }

    /** Writes only what is not there: a Redis that is full or read-only can still be listened to. */
    private String agree(RedisConnection connection, String field, String wanted) {
        String stored = read(connection, field);
        if (!stored.isEmpty()) {
            return stored;
        }
        connection.sendCommand(Command.HSETNX, key, ascii(field), ascii(wanted));
        connection.getOne();
        return read(connection, field);
    }

    private String read(RedisConnection connection, String field) {
        connection.sendCommand(Command.HGET, key, ascii(field));
        return text(connection.getOne());
    }

    private static void requireVersion(String version) {
        String[] parts = version.split("\\.", -1);
        int minor = parts.length > 1 ? number(parts[1]) : 0;
        if (major(version) < OLDEST_MAJOR || (major(version) == OLDEST_MAJOR && minor < OLDEST_MINOR)) {
            throw new JedisConnectionException("Redis is version " + version + ", Pushy needs 6.2 or newer");
        }
    }

    private static int major(String version) {
        return number(version.split("\\.", -1)[0]);
    }

    private static int number(String digits) {
        return digits.matches("\\d{1,6}") ? Integer.parseInt(digits) : 0;
    }

    /** Says what an operator should change, where it can be seen. */
    private static void warn(RedisConnection connection) {
        String policy = config(connection, "maxmemory-policy");
        if (policy == null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Redis does not let us read its configuration: make sure that maxmemory-policy is noeviction and"
                            + " that client-output-buffer-limit grants pubsub at least 32mb");
            return;
        }
        if (!policy.equals("noeviction")) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "maxmemory-policy of Redis is {0}: when it is full it will forget messages and presence, and clients"
                            + " will be told of gaps; set it to noeviction",
                    policy);
        }
        String limits = config(connection, "client-output-buffer-limit");
        if (limits != null && isSmall(limits)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "client-output-buffer-limit of Redis grants pubsub little ({0}): a node that is slow for a moment"
                            + " loses its link; set it to: pubsub 256mb 64mb 60",
                    limits);
        }
    }

    /** As Redis prints it: class, hard limit, soft limit and seconds, three times; 0 is no limit. */
    private static boolean isSmall(String limits) {
        List<String> words = List.of(limits.split(" ", -1));
        int at = words.indexOf("pubsub");
        if (at < 0 || at + 1 >= words.size() || !words.get(at + 1).matches("\\d{1,18}")) {
            return false;
        }
        long hard = Long.parseLong(words.get(at + 1));
        return hard > 0 && hard < 32L << 20;
    }

    private static @Nullable String config(RedisConnection connection, String name) {
        try {
            Object answer = ask(connection, Command.CONFIG, "GET", name);
            return answer instanceof List<?> pair && pair.size() == 2 ? text(pair.get(1)) : null;
        } catch (JedisDataException forbidden) {
            return null;
        }
    }

    private static Object ask(RedisConnection connection, Command command, String... words) {
        connection.sendCommand(command, words);
        return connection.getOne();
    }

    private static String field(String info, String name) {
        for (String line : info.split("\r?\n", -1)) {
            if (line.startsWith(name)) {
                return line.substring(name.length()).trim();
            }
        }
        return "0";
    }

    private static String text(@Nullable Object bytes) {
        return bytes instanceof byte[] known ? new String(known, StandardCharsets.UTF_8) : "";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
