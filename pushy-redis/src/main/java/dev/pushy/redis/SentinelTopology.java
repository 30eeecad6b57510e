package dev.pushy.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The master that the sentinels name. Asked every second, because a master that was replaced goes on taking writes for a
 * while, and loses them.
 */
final class SentinelTopology implements Topology {
    private final Dialer dialer;
    private final String name;
    private final int partitions;
    /** The one that answered last comes first. */
    private final List<HostAndPort> sentinels;

    private @Nullable RedisConnection open;

    SentinelTopology(Dialer dialer, List<HostAndPort> sentinels, String name, int partitions) {
        this.dialer = dialer;
        this.sentinels = new ArrayList<>(sentinels);
        this.name = name;
        this.partitions = partitions;
    }

    @Override
    public List<HostAndPort> masters() {
        JedisException last = null;
        for (HostAndPort sentinel : List.copyOf(sentinels)) {
            try {
                HostAndPort master = ask(sentinel);
                sentinels.remove(sentinel);
                sentinels.add(0, sentinel);
                return Collections.nCopies(partitions, master);
            } catch (JedisException failed) {
                last = failed;
                close();
            }
        }
        String reason = last == null ? "none is named" : RedisErrors.reason(last);
        throw new JedisConnectionException(
                "no sentinel of " + sentinels + " names a master \"" + name + "\": check REDIS_URL; " + reason, last);
    }

    private HostAndPort ask(HostAndPort sentinel) {
        RedisConnection connection = open;
        if (connection == null) {
            connection = dialer.sentinel(sentinel);
            open = connection;
        }
        connection.sendCommand(Command.SENTINEL, "GET-MASTER-ADDR-BY-NAME", name);
        if (connection.getOne() instanceof List<?> address && address.size() == 2) {
            return new HostAndPort(text(address.get(0)), Integer.parseInt(text(address.get(1))));
        }
        throw new JedisConnectionException(sentinel + " does not know it");
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.US_ASCII);
    }

    @Override
    public long trustMillis() {
        return 1_000;
    }

    @Override
    public void close() {
        if (open != null) {
            open.abort();
            open = null;
        }
    }
}
