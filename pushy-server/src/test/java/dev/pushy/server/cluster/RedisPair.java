package dev.pushy.server.cluster;

import dev.pushy.core.Position;
import dev.pushy.core.contract.Await;
import dev.pushy.redis.Proxy;
import dev.pushy.redis.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.ClientKillParams;
import redis.clients.jedis.resps.StreamEntry;

/**
 * A Redis and its replica. What the Redis has answered is in its file, which outlives its process, but reaches the replica
 * a moment later.
 */
final class RedisPair implements AutoCloseable {
    private static final String[] ARGUMENTS = {
        "--appendonly",
        "yes",
        "--appendfsync",
        "no",
        "--auto-aof-rewrite-percentage",
        "0",
        "--repl-diskless-sync-delay",
        "0"
    };
    private static final String DATA = "appendonlydir";

    private RedisServer master = RedisServer.start(RedisServer.Kind.PATH, ARGUMENTS);
    private RedisServer replica = RedisServer.start(RedisServer.Kind.PATH, ARGUMENTS);
    private final Proxy replication = Proxy.ofReplica(master.port());
    private final Path kept;

    /** Starts both. */
    RedisPair(Path folder) {
        this.kept = folder.resolve("kept");
        follow();
        awaitReplica();
    }

    /** The port of the one that is in charge. */
    int port() {
        return master.port();
    }

    private void follow() {
        replication.target(master.port());
        replication.heal();
        replication.breakConnections();
        ask(replica, redis -> redis.replicaof("127.0.0.1", replication.port()));
    }

    /** Waits until the replica has all that the master has. */
    void awaitReplica() {
        Await.until(
                () -> {
                    String of = info(master);
                    String by = info(replica);
                    return by.contains("master_link_status:up")
                            && value(by, "slave_repl_offset").equals(value(of, "master_repl_offset"));
                },
                () -> "the replica does not follow");
    }

    private static String info(RedisServer server) {
        try (Jedis redis = server.connect()) {
            return redis.info("replication");
        } catch (JedisException notYet) {
            return "";
        }
    }

    private static String value(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name + ":"))
                .findFirst()
                .orElse(name)
                .strip()
                .substring(name.length());
    }

    private static void ask(RedisServer server, Consumer<Jedis> question) {
        try (Jedis redis = server.connect()) {
            question.accept(redis);
        }
    }

    /** Where the log was found to have gone back, as far as it still knows. */
    Set<Position> setbacks() {
        Set<Position> setbacks = new HashSet<>();
        try (Jedis redis = master.connect()) {
            for (String log : redis.keys("*}:log")) {
                int epoch = Integer.parseInt(redis.hget(log, "epoch"));
                String index = log.replace("}:log", "}:index");
                for (StreamEntry entry : redis.xrange(index, "-", "+")) {
                    if (entry.getFields().get("c").isEmpty()) {
                        StreamEntryID id = entry.getID();
                        setbacks.add(new Position(0, epoch, id.getTime(), (int) id.getSequence()));
                    }
                }
            }
        }
        return setbacks;
    }

    /** Stands still; its connections stay. */
    void pause() {
        master.pause();
    }

    /** Goes on. */
    void resume() {
        master.resume();
    }

    /** Dies. */
    void kill() {
        master.kill();
    }

    /** Comes back with all that it had answered. */
    void restart() {
        master.restart();
    }

    /** Comes back empty. */
    void restartEmpty() {
        delete(master.directory().resolve(DATA));
        master.restart();
    }

    /** Keeps aside what it has by now. */
    void keep() {
        delete(kept);
        copy(master.directory().resolve(DATA), kept);
    }

    /** Comes back with what was kept aside. */
    void restartKept() {
        delete(master.directory().resolve(DATA));
        copy(kept, master.directory().resolve(DATA));
        master.restart();
    }

    /** Breaks the connections that listen, or all that do not. */
    void breakClients(boolean listening) {
        ClientType type = listening ? ClientType.PUBSUB : ClientType.NORMAL;
        ask(master, redis -> redis.clientKill(new ClientKillParams().type(type)));
    }

    /** Forgets all scripts. */
    void flushScripts() {
        ask(master, Jedis::scriptFlush);
    }

    /** The replica learns nothing new. */
    void cutReplication() {
        replication.cut();
    }

    /** The master dies, and the replica is in charge; the dead one is to come back behind {@link #comeBack}. */
    void takeOver() {
        master.kill();
        ask(replica, Jedis::replicaofNoOne);
        swap();
    }

    /** The master hands over without losing anything. */
    void handOver() {
        try (Jedis redis = master.connect()) {
            redis.sendCommand(() -> "FAILOVER".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        Await.until(
                () -> info(master).contains("role:slave") && info(replica).contains("role:master"),
                () -> "the master does not hand over");
        swap();
    }

    private void swap() {
        RedisServer old = master;
        master = replica;
        replica = old;
    }

    /** The former master comes back, and follows the new one. */
    void comeBack(boolean dead) {
        if (dead) {
            replica.restart();
        }
        follow();
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            Files.createDirectories(to);
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        List.of(master, replica).forEach(RedisServer::close);
        replication.close();
    }
}
