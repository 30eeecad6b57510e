package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClusterFailoverOption;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.MigrateParams;

/** A Redis Cluster of masters that share the slots evenly, and a server without slots that lives through everything. */
final class ClusterSite extends RedisSite {
    private static final int SLOTS = 16_384;
    private static final String PATIENCE_MILLIS = "15000";
    private static final String IMPATIENCE_MILLIS = "1500";

    private final RedisServer.Kind kind;
    private final int count;
    private final Map<Integer, Integer> moved = new HashMap<>();
    private RedisServer witness;

    ClusterSite(RedisServer.Kind kind, int masters) {
        this.kind = kind;
        this.count = masters;
    }

    @Override
    List<RedisServer> start() {
        witness = startServer();
        List<RedisServer> servers = IntStream.range(0, count)
                .parallel()
                .mapToObj(i -> startServer())
                .toList();
        for (int i = 0; i < count; i++) {
            try (Jedis redis = servers.get(i).connect()) {
                redis.clusterAddSlots(IntStream.range(i * SLOTS / count, (i + 1) * SLOTS / count)
                        .toArray());
                meetAll(servers.get(i));
            }
        }
        awaitAgreed(servers);
        return servers;
    }

    private RedisServer startServer() {
        return add(RedisServer.startInCluster(kind, "--cluster-node-timeout", PATIENCE_MILLIS));
    }

    /** All at once, which gossip would take seconds for. */
    private void meetAll(RedisServer server) {
        try (Jedis redis = server.connect()) {
            living().stream()
                    .filter(other -> other != server)
                    .forEach(other -> redis.clusterMeet("127.0.0.1", other.port()));
        }
    }

    /** Waits until all servers that live take these for the masters. */
    private void awaitAgreed(List<RedisServer> masters) {
        for (RedisServer server : living()) {
            Await.until(
                    () -> takesForMasters(server, masters), () -> server.port() + " does not agree with the cluster");
        }
    }

    private boolean takesForMasters(RedisServer server, List<RedisServer> masters) {
        try (Jedis redis = server.connect()) {
            String info = redis.clusterInfo();
            List<String> nodes = redis.clusterNodes().lines().toList();
            return info.contains("cluster_state:ok")
                    && info.contains("cluster_size:" + count)
                    && masters.stream().allMatch(master -> nodes.stream().anyMatch(line -> hasSlots(line, master)));
        }
    }

    /** Behind the eighth word stand the slots. */
    private static boolean hasSlots(String line, RedisServer master) {
        return line.contains(":" + master.port() + "@")
                && line.contains("master")
                && !line.contains("fail")
                && line.split(" ", -1).length > 8;
    }

    @Override
    String url() {
        return masters().stream()
                .map(master -> "127.0.0.1:" + master.port())
                .collect(Collectors.joining(",", "redis-cluster://", ",127.0.0.1:" + witness.port()));
    }

    @Override
    int masterOf(int slot) {
        return moved.getOrDefault(slot, first(slot));
    }

    private int first(int slot) {
        int number = 0;
        while (slot >= (number + 1) * SLOTS / count) {
            number++;
        }
        return number;
    }

    @Override
    void awaitUsable() {
        awaitAgreed(masters());
    }

    @Override
    RedisServer startReplica(RedisServer master) {
        RedisServer replica = startServer();
        try (Jedis redis = replica.connect();
                Jedis above = master.connect()) {
            String id = above.clusterMyId();
            String itsId = redis.clusterMyId();
            meetAll(replica);
            Await.until(() -> follows(redis, id), () -> "a server does not become a replica");
            for (RedisServer other : living()) {
                Await.until(
                        () -> other == replica || isReplica(other, itsId),
                        () -> other.port() + " does not hear of the replica " + replica.port());
            }
        }
        return replica;
    }

    private static boolean follows(Jedis replica, String master) {
        try {
            return replica.clusterReplicate(master).equals("OK");
        } catch (JedisDataException unknown) {
            return false; // as long as the two have not shaken hands
        }
    }

    private static boolean isReplica(RedisServer server, String id) {
        try (Jedis redis = server.connect()) {
            return redis.clusterNodes()
                    .lines()
                    .anyMatch(line -> line.startsWith(id) && line.contains(" slave ") && line.contains(" connected"));
        }
    }

    /** As an operator does it who adds a master. */
    @Override
    void handOver(Set<Integer> slots) {
        int leaving = masterOf(slots.iterator().next());
        for (int slot : slots) {
            if (masterOf(slot) == leaving) {
                move(slot, (leaving + 1) % count);
            }
        }
    }

    /** Moves a slot with all its keys. */
    void move(int slot, int to) {
        RedisServer target = masters().get(to);
        try (Jedis source = master(slot).connect();
                Jedis destination = target.connect()) {
            String id = destination.clusterMyId();
            destination.clusterSetSlotImporting(slot, source.clusterMyId());
            source.clusterSetSlotMigrating(slot, id);
            List<String> keys = source.clusterGetKeysInSlot(slot, 100);
            while (!keys.isEmpty()) {
                source.migrate(
                        "127.0.0.1", target.port(), 10_000, MigrateParams.migrateParams(), keys.toArray(String[]::new));
                keys = source.clusterGetKeysInSlot(slot, 100);
            }
            destination.clusterSetSlotNode(slot, id);
            source.clusterSetSlotNode(slot, id);
            for (RedisServer other : masters()) {
                try (Jedis redis = other.connect()) {
                    redis.clusterSetSlotNode(slot, id);
                }
            }
        }
        moved.put(slot, to);
    }

    /** Without a vote, which dead masters cannot take part in. */
    @Override
    void promote(RedisServer replica) {
        try (Jedis redis = replica.connect()) {
            redis.clusterFailover(ClusterFailoverOption.TAKEOVER);
        }
        Await.until(() -> isMaster(replica), () -> "a replica does not take over");
    }

    private static boolean isMaster(RedisServer server) {
        try (Jedis redis = server.connect()) {
            return redis.clusterNodes().lines().anyMatch(line -> line.contains("myself,master"));
        }
    }

    /** The others notice that the first master is dead, and vote. */
    @Override
    void elect(RedisServer replica) {
        List<RedisServer> living = new ArrayList<>(masters().subList(1, count));
        living.add(replica);
        living.forEach(server -> timeout(server, IMPATIENCE_MILLIS));
        Await.until(() -> isMaster(replica), () -> "a replica is not elected");
        living.forEach(server -> timeout(server, PATIENCE_MILLIS));
    }

    private static void timeout(RedisServer server, String millis) {
        try (Jedis redis = server.connect()) {
            redis.configSet("cluster-node-timeout", millis);
        }
    }
}
