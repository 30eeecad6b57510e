package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/** A master that sentinels watch; they make a replica the master when it dies. */
final class SentinelSite extends RedisSite {
    private static final String NAME = "pushy-master";

    private final RedisServer.Kind kind;
    private final int count;
    private final List<RedisServer> sentinels = new ArrayList<>();

    SentinelSite(RedisServer.Kind kind, int sentinels) {
        this.kind = kind;
        this.count = sentinels;
    }

    @Override
    List<RedisServer> start() {
        RedisServer master = add(RedisServer.start(kind));
        for (int i = 0; i < count; i++) {
            sentinels.add(add(RedisServer.startSentinel(
                    kind,
                    "sentinel monitor " + NAME + " 127.0.0.1 " + master.port() + " " + (count / 2 + 1),
                    "sentinel down-after-milliseconds " + NAME + " 2000",
                    "sentinel failover-timeout " + NAME + " 2000")));
        }
        awaitAcquainted();
        return List.of(master);
    }

    private void awaitAcquainted() {
        for (RedisServer sentinel : sentinels) {
            Await.until(() -> knowsTheOthers(sentinel), () -> "the sentinels do not find each other");
        }
    }

    private boolean knowsTheOthers(RedisServer sentinel) {
        try (Jedis redis = sentinel.connect()) {
            Map<String, String> master = redis.sentinelMaster(NAME);
            return master.get("flags").equals("master")
                    && master.get("num-other-sentinels").equals(Integer.toString(sentinels.size() - 1));
        }
    }

    List<RedisServer> sentinels() {
        return sentinels;
    }

    @Override
    String url() {
        return sentinels.stream()
                .map(sentinel -> "127.0.0.1:" + sentinel.port())
                .collect(Collectors.joining(",", "redis-sentinel://", "/0?master=" + NAME));
    }

    @Override
    RedisServer startReplica(RedisServer master) {
        RedisServer replica = add(RedisServer.startReplica(kind, master));
        Await.until(() -> isOnline(master, replica), () -> "the master does not hear of the replica");
        for (RedisServer sentinel : sentinels) {
            reset(sentinel);
            Await.until(() -> knows(sentinel, replica), () -> "a sentinel does not hear of the replica");
        }
        awaitAcquainted();
        return replica;
    }

    /** Also while the sentinels take the connections of one that they have just changed. */
    static boolean isReplica(RedisServer server) {
        try (Jedis redis = server.connect()) {
            return redis.info("replication").contains("role:slave");
        } catch (JedisException broken) {
            return false;
        }
    }

    /** Has the sentinel ask the master at once who its replicas are; by itself it does so every ten seconds. */
    private static void reset(RedisServer sentinel) {
        try (Jedis redis = sentinel.connect()) {
            redis.sentinelReset(NAME);
        }
    }

    private static boolean knows(RedisServer sentinel, RedisServer replica) {
        try (Jedis redis = sentinel.connect()) {
            return redis.sentinelReplicas(NAME).stream()
                    .anyMatch(known -> known.get("port").equals(Integer.toString(replica.port()))
                            && known.get("master-link-status").equals("ok"));
        }
    }

    /** While nobody can write, so that the replica has all. */
    @Override
    void handOver(Set<Integer> slots) {
        RedisServer master = masters().get(0);
        RedisServer replica = startSynced(master);
        awaitEqual(master, replica);
        try (Jedis sentinel = sentinels.get(0).connect()) {
            sentinel.sentinelFailover(NAME);
        }
        promote(replica);
        replaceFirst(replica);
    }

    @Override
    void promote(RedisServer replica) {
        for (RedisServer sentinel : sentinels) {
            // One that stood still itself does nothing for half a minute (TILT).
            Await.until(
                    Await.PATIENCE.multipliedBy(3),
                    () -> names(sentinel, replica),
                    () -> "a sentinel does not name the replica the master");
        }
    }

    private static boolean names(RedisServer sentinel, RedisServer master) {
        try (Jedis redis = sentinel.connect()) {
            return redis.sentinelGetMasterAddrByName(NAME).get(1).equals(Integer.toString(master.port()));
        }
    }

    @Override
    public void close() {
        super.close();
        sentinels.clear();
    }
}
