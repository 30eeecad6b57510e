package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientPauseMode;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/**
 * The Redis that a test class runs on, whatever its shape: started before the first test, killed behind the last. Replicas
 * are there only while one is to take over.
 */
abstract class RedisSite implements BeforeAllCallback, AfterAllCallback, AutoCloseable {
    private final List<RedisServer> masters = new CopyOnWriteArrayList<>();
    private final List<RedisServer> started = new CopyOnWriteArrayList<>();
    private int users;

    /** Starts all that belongs to it, and returns the masters when they can be used. */
    abstract List<RedisServer> start();

    /** As it is given to a {@link RedisConfig}. */
    abstract String url();

    /** Where the server is that Pushy calls by this port. */
    int reach(int port) {
        return port;
    }

    /** The number of the master that has a slot. */
    int masterOf(int slot) {
        return 0;
    }

    /** Starts a replica of a master, known to all who must know it. */
    abstract RedisServer startReplica(RedisServer master);

    /** Makes the replica of a dead master the master, known to all who must know it. */
    abstract void promote(RedisServer replica);

    /** Waits until a replica is the master, by a vote if there is one. */
    void elect(RedisServer replica) {
        promote(replica);
    }

    /** Another server takes over what the first master has of these slots; nothing is lost. */
    abstract void handOver(Set<Integer> slots);

    /** Waits until the masters, which have just been started again, can be used. */
    void awaitUsable() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        users++;
        if (users == 1) {
            open();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        users--;
        if (users == 0) {
            close();
        }
    }

    /** For a test that has one of its own; the same as {@link #beforeAll}. */
    RedisSite open() {
        masters.addAll(start());
        return this;
    }

    @Override
    public void close() {
        started.forEach(RedisServer::close);
        started.clear();
        masters.clear();
    }

    /** Remembers a server, to kill it in the end. */
    final RedisServer add(RedisServer server) {
        started.add(server);
        return server;
    }

    /** All that were started and not killed. */
    final List<RedisServer> living() {
        return started.stream().filter(RedisServer::isAlive).toList();
    }

    List<RedisServer> masters() {
        return List.copyOf(masters);
    }

    /** The master that has a slot. */
    RedisServer master(int slot) {
        return masters.get(masterOf(slot));
    }

    /** Kills all masters; they come back with what they had at these snapshots, or with nothing. */
    void restart(@Nullable List<byte[]> snapshots) {
        masters.forEach(RedisServer::kill);
        for (int i = 0; i < masters.size(); i++) {
            if (snapshots == null) {
                masters.get(i).forget();
            } else {
                masters.get(i).remember(snapshots.get(i));
            }
        }
        masters.parallelStream().forEach(RedisServer::restart);
        awaitUsable();
    }

    /** What all masters know now. */
    List<byte[]> snapshots() {
        return masters.stream().map(RedisServer::snapshot).toList();
    }

    /** A replica of each master that is in step with it, and from now on hears nothing more. */
    List<RedisServer> startDeafReplicas() {
        List<RedisServer> replicas =
                masters.parallelStream().map(this::startSynced).toList();
        for (int i = 0; i < masters.size(); i++) {
            replicas.get(i).pause(); // or it would connect again
            try (Jedis redis = masters.get(i).connect()) {
                redis.clientKill(ClientKillParams.clientKillParams().type(ClientType.REPLICA));
            }
        }
        return replicas;
    }

    final RedisServer startSynced(RedisServer master) {
        RedisServer replica = startReplica(master);
        Await.until(() -> isSynced(replica) && isOnline(master, replica), () -> "a replica does not catch up");
        return replica;
    }

    /** Whether the master takes the replica for one that is there. */
    static boolean isOnline(RedisServer master, RedisServer replica) {
        try (Jedis redis = master.connect()) {
            return redis.info("replication").contains("port=" + replica.port() + ",state=online");
        }
    }

    private static boolean isSynced(RedisServer replica) {
        try (Jedis redis = replica.connect()) {
            String info = redis.info("replication");
            return info.contains("role:slave")
                    && info.contains("master_link_status:up")
                    && info.contains("master_sync_in_progress:0");
        }
    }

    /** A replica has taken over; the old master is not needed any more. */
    final void replaceFirst(RedisServer successor) {
        masters.get(0).kill();
        masters.set(0, successor);
        awaitUsable();
    }

    /** All masters die, and their deaf replicas take over. */
    void replaceBy(List<RedisServer> replicas) {
        masters.forEach(RedisServer::kill);
        for (int i = 0; i < replicas.size(); i++) {
            replicas.get(i).resume();
            promote(replicas.get(i));
        }
        for (int i = 0; i < replicas.size(); i++) {
            masters.set(i, replicas.get(i));
        }
        awaitUsable();
    }

    /** From now on nobody can write to the master for a while; waits until the replica has all that it has answered. */
    static void awaitEqual(RedisServer master, RedisServer replica) {
        try (Jedis redis = master.connect();
                Jedis copy = replica.connect()) {
            redis.clientPause(10_000, ClientPauseMode.WRITE);
            Await.until(() -> offset(redis).equals(offset(copy)), () -> "the replica does not catch up");
        }
    }

    private static String offset(Jedis redis) {
        return redis.info("replication")
                .lines()
                .filter(line -> line.startsWith("master_repl_offset"))
                .findFirst()
                .orElseThrow();
    }

    /** The first master dies while many write to it, and a replica takes over. */
    void failOver() {
        RedisServer replica = startSynced(masters.get(0));
        masters.get(0).kill();
        elect(replica);
        replaceFirst(replica);
    }
}
