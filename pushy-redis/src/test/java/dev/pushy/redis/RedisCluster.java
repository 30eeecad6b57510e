package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/** A Redis Cluster of masters that share the slots, run with the {@code redis-server} of the PATH. */
final class RedisCluster implements AutoCloseable {
    private static final int SLOTS = 16_384;

    private final List<RedisServer> masters = new ArrayList<>();

    private RedisCluster(int count) {
        for (int i = 0; i < count; i++) {
            masters.add(RedisServer.start(
                    RedisServer.Kind.PATH, "--cluster-enabled", "yes", "--cluster-port", Integer.toString(freePort())));
        }
        int first = masters.get(0).port();
        for (int i = 0; i < count; i++) {
            try (Jedis redis = masters.get(i).connect()) {
                redis.clusterAddSlotsRange(i * SLOTS / count, (i + 1) * SLOTS / count - 1);
                meet(redis, i);
            }
        }
        Await.until(this::isWhole, () -> "the cluster that begins with port " + first + " does not come together");
    }

    /** Starts so many masters, and waits until they agree. */
    static RedisCluster start(int masters) {
        return new RedisCluster(masters);
    }

    private static int freePort() {
        try {
            return RedisServer.freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port of the bus has to be named, since it is not the usual one. */
    private void meet(Jedis redis, int number) {
        RedisServer other = masters.get(0);
        if (number > 0) {
            redis.sendCommand(
                    Protocol.Command.CLUSTER,
                    "MEET",
                    "127.0.0.1",
                    Integer.toString(other.port()),
                    other.argument("--cluster-port"));
        }
    }

    private boolean isWhole() {
        return masters.stream().allMatch(master -> {
            try (Jedis redis = master.connect()) {
                String info = redis.clusterInfo();
                return info.contains("cluster_state:ok") && info.contains("cluster_size:" + masters.size());
            }
        });
    }

    List<RedisServer> masters() {
        return masters;
    }

    /** As it is given to a {@link RedisConfig}. */
    String url() {
        return masters.stream()
                .map(master -> "127.0.0.1:" + master.port())
                .collect(Collectors.joining(",", "redis-cluster://", ""));
    }

    @Override
    public void close() {
        masters.forEach(RedisServer::close);
    }
}
