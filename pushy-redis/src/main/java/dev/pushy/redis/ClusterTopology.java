package dev.pushy.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** The masters of a cluster by the slots of the partitions, as any of its servers knows them. */
final class ClusterTopology implements Topology {
    private static final long TRUST_MILLIS = 10_000;

    private final Dialer dialer;
    private final Keys keys;
    private final List<HostAndPort> seeds;
    private final Set<HostAndPort> known = new LinkedHashSet<>();

    ClusterTopology(Dialer dialer, List<HostAndPort> seeds, Keys keys) {
        this.dialer = dialer;
        this.seeds = seeds;
        this.keys = keys;
    }

    @Override
    public List<HostAndPort> masters() {
        Set<HostAndPort> candidates = new LinkedHashSet<>(known);
        candidates.addAll(seeds);
        JedisException last = null;
        for (HostAndPort server : candidates) {
            try {
                return ask(server);
            } catch (JedisException failed) {
                last = failed;
            }
        }
        String reason = last == null ? "none is named" : RedisErrors.reason(last);
        throw new JedisConnectionException(
                "no server of the cluster " + candidates + " knows its masters: " + reason, last);
    }

    private List<HostAndPort> ask(HostAndPort server) {
        RedisConnection connection = dialer.open(server, Dialer.Use.TOPOLOGY);
        try {
            connection.sendCommand(Command.CLUSTER, "INFO");
            requireState(connection.getOne(), server);
            connection.sendCommand(Command.CLUSTER, "SLOTS");
            return masters((List<?>) connection.getOne(), server);
        } finally {
            connection.abort();
        }
    }

    /** A server that is cut off from the others knows only what was. */
    private static void requireState(Object info, HostAndPort server) {
        if (!(info instanceof byte[] text)
                || !new String(text, StandardCharsets.US_ASCII).contains("cluster_state:ok")) {
            throw new JedisConnectionException(server + " says that the cluster is down: see CLUSTER INFO there");
        }
    }

    /** Each answer is a first slot, a last slot, the master, and its replicas. */
    private List<HostAndPort> masters(List<?> ranges, HostAndPort asked) {
        @Nullable HostAndPort[] masters = new @Nullable HostAndPort[keys.partitions()];
        Set<HostAndPort> servers = new LinkedHashSet<>();
        for (Object each : ranges) {
            List<?> range = (List<?>) each;
            long first = (Long) range.get(0);
            long last = (Long) range.get(1);
            HostAndPort master = server((List<?>) range.get(2), asked);
            range.stream().skip(2).forEach(server -> servers.add(server((List<?>) server, asked)));
            for (int p = 0; p < masters.length; p++) {
                if (keys.slot(p) >= first && keys.slot(p) <= last) {
                    masters[p] = master;
                }
            }
        }
        List<HostAndPort> complete = new ArrayList<>();
        for (HostAndPort master : masters) {
            if (master == null) {
                throw new JedisConnectionException(
                        asked + " knows no master for some slots: see CLUSTER INFO there, " + Arrays.toString(masters));
            }
            complete.add(master);
        }
        known.clear();
        known.add(asked); // it answers, which others may not
        known.addAll(servers);
        return complete;
    }

    private static HostAndPort server(List<?> server, HostAndPort asked) {
        String host = server.get(0) instanceof byte[] name ? new String(name, StandardCharsets.US_ASCII) : "";
        int port = Math.toIntExact((Long) server.get(1));
        return new HostAndPort(host.isEmpty() ? asked.getHost() : host, port); // it does not know how it is called
    }

    @Override
    public long trustMillis() {
        return TRUST_MILLIS;
    }
}
