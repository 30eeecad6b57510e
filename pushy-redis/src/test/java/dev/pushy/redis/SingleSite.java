package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.util.List;
import java.util.Set;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.FailoverParams;

/** One server; a replica that takes over is found at its address, as when a name is pointed elsewhere. */
final class SingleSite extends RedisSite {
    private final RedisServer.Kind kind;
    private int port;

    SingleSite(RedisServer.Kind kind) {
        this.kind = kind;
    }

    @Override
    List<RedisServer> start() {
        RedisServer server = add(RedisServer.start(kind));
        port = server.port();
        return List.of(server);
    }

    @Override
    String url() {
        return "redis://127.0.0.1:" + port;
    }

    @Override
    int reach(int named) {
        return masters().get(0).port();
    }

    @Override
    RedisServer startReplica(RedisServer master) {
        return add(RedisServer.startReplica(kind, master));
    }

    @Override
    void handOver(Set<Integer> slots) {
        RedisServer master = masters().get(0);
        RedisServer replica = startSynced(master);
        try (Jedis redis = master.connect()) {
            redis.failover(FailoverParams.failoverParams().to("127.0.0.1", replica.port()));
        }
        Await.until(() -> isMaster(replica), () -> "the replica does not take over");
        replaceFirst(replica);
    }

    private static boolean isMaster(RedisServer server) {
        try (Jedis redis = server.connect()) {
            return redis.info("replication").contains("role:master");
        }
    }

    @Override
    void promote(RedisServer replica) {
        try (Jedis redis = replica.connect()) {
            redis.replicaofNoOne();
        }
    }
}
