package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/** A node that starts with the wrong Redis says what is wrong and what to do, goes on trying, and keeps the secret. */
class RedisStartTest {
    private static final String SECRET = "s3cr3t-of-this-test";

    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.PATH);

    private final LogLines log = new LogLines();

    @AfterEach
    void end() {
        for (String line : log.all()) {
            assertFalse(line.contains(SECRET), line);
        }
        log.close();
        Await.until(() -> threads().isEmpty(), () -> "threads are left: " + threads());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("pushy-redis"))
                .toList();
    }

    /** Starts a node, and waits until it has said what is wrong, in the log, by its health, and to a publisher. */
    private BrokerNode failing(String url, String... words) {
        BrokerNode node = BrokerNode.start(BrokerNode.impatient(url).build());
        log.awaitWarning(words);
        Await.until(
                () -> String.valueOf(node.broker.health().detail()).contains(words[0]),
                () -> "its health does not say " + words[0] + ": " + node.broker.health());
        assertFalse(node.broker.health().publishing());
        assertFalse(node.broker.health().receiving());
        String refusal = node.refusal("news");
        assertTrue(refusal.contains(words[0]), refusal);
        assertFalse(refusal.contains(SECRET), refusal);
        return node;
    }

    private static String address() {
        return "127.0.0.1:" + SITE.masters().get(0).port();
    }

    private static Jedis admin() {
        return SITE.masters().get(0).connect();
    }

    @Test
    void start_wrongPassword_saysSo_andComesUpWhenItIsRight() {
        try (Jedis redis = admin()) {
            redis.aclSetUser("worker", "on", ">another", "~*", "&*", "+@all");
        }
        try (BrokerNode node = failing(
                        "redis://worker:" + SECRET + "@" + address(),
                        "does not accept the user or password",
                        "REDIS_URL");
                Jedis redis = admin()) {
            redis.aclSetUser("worker", ">" + SECRET);
            node.awaitWell();
            log.awaitLine("again");
        }
    }

    @Test
    void start_unknownUser_saysSo() {
        failing("redis://nobody:" + SECRET + "@" + address(), "does not accept the user or password")
                .close();
    }

    @Test
    void start_withoutThePasswordThatIsWanted_saysSo() {
        try (RedisServer locked = RedisServer.startLocked(RedisServer.Kind.PATH, SECRET)) {
            failing("redis://127.0.0.1:" + locked.port(), "does not accept the user or password")
                    .close();
            BrokerNode node =
                    BrokerNode.start(BrokerNode.impatient("redis://:" + SECRET + "@127.0.0.1:" + locked.port())
                            .build());
            node.awaitWell().close();
        }
    }

    @Test
    void start_databaseThatIsNotThere_saysSo() {
        failing("redis://" + address() + "/9999", "no database", "REDIS_URL").close();
    }

    @Test
    void start_nobodyListens_saysSo_andComesUpWhenSomebodyDoes() {
        RedisServer server = RedisServer.start(RedisServer.Kind.PATH);
        server.kill();
        try (BrokerNode node = failing(server.url(), "nobody listens at 127.0.0.1:" + server.port(), "start Redis")) {
            server.restart();
            node.awaitWell();
        } finally {
            server.close();
        }
    }

    @Test
    void start_webServer_saysSo() throws IOException {
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.start();
        try {
            failing("redis://127.0.0.1:" + web.getAddress().getPort(), "REDIS_URL")
                    .close();
        } finally {
            web.stop(0);
        }
    }

    @Test
    void start_serverThatAnswersInAnotherLanguage_saysSo() throws Exception {
        ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread host = new Thread(() -> greetAll(door), "greeting");
        host.start();
        try {
            failing("redis://127.0.0.1:" + door.getLocalPort(), "speaks no Redis", "rediss://")
                    .close();
        } finally {
            door.close();
            host.join();
        }
    }

    private static void greetAll(ServerSocket door) {
        try {
            while (true) {
                try (Socket guest = door.accept()) {
                    guest.getOutputStream().write("220 mail.example ESMTP\r\n".getBytes(StandardCharsets.US_ASCII));
                    guest.getInputStream().read();
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void start_serverThatNeverAnswers_saysSo_andComesUpWhenItDoes() {
        RedisServer server = RedisServer.start(RedisServer.Kind.PATH);
        server.pause();
        try (BrokerNode node = failing(server.url(), "does not answer within 700 ms")) {
            server.resume();
            node.awaitWell();
        } finally {
            server.close();
        }
    }

    @Test
    void start_replica_saysSo_andComesUpWhenItIsTheMaster() {
        RedisServer replica =
                RedisServer.startReplica(RedisServer.Kind.PATH, SITE.masters().get(0));
        try (BrokerNode node = failing(replica.url(), "is a replica, which takes no writes", "redis-sentinel://");
                Jedis redis = replica.connect()) {
            redis.replicaofNoOne();
            node.awaitWell();
        } finally {
            replica.close();
        }
    }

    @Test
    void start_fullRedis_saysSo_andComesUpWhenThereIsRoom() {
        try (RedisServer full = RedisServer.start(RedisServer.Kind.PATH, "--maxmemory", "1");
                BrokerNode node = failing(full.url(), "Redis is full", "maxmemory");
                Jedis redis = full.connect()) {
            redis.configSet("maxmemory", "0");
            node.awaitWell();
        }
    }

    @Test
    void start_otherNumberOfPartitions_doesNotJoin() {
        try (BrokerNode first = BrokerNode.start(
                BrokerNode.impatient(SITE.url()).partitions(3).prefix("three:").build())) {
            first.awaitWell();
            BrokerNode other = BrokerNode.start(BrokerNode.impatient(SITE.url())
                    .partitions(2)
                    .prefix("three:")
                    .build());
            log.awaitWarning("has 3 partitions", "configured for 2", "another prefix");
            assertFalse(other.broker.health().publishing());
            assertTrue(other.refusal("news").contains("3 partitions"));
            other.close();
            first.awaitWell();
        }
    }

    @Test
    void start_keyOfTheWrongType_saysSo_andComesUpWhenItIsGone() {
        try (Jedis redis = admin()) {
            RedisConfig config =
                    BrokerNode.impatient(SITE.url()).prefix("taken:").build();
            byte[] key = new Keys("taken:", 1, "test").key(0, "deployment");
            redis.set(key, new byte[] {1});
            try (BrokerNode node = BrokerNode.start(config)) {
                log.awaitWarning("wrong type", "another prefix");
                redis.del(key);
                node.awaitWell();
            }
        }
    }

    @Test
    void start_userWithoutRights_saysSo_andComesUpWhenItHasThem() {
        try (Jedis redis = admin()) {
            redis.aclSetUser("poor", "on", ">" + SECRET, "~other:*", "+@all");
            try (BrokerNode node = failing("redis://poor:" + SECRET + "@" + address(), "give it the keys", "NOPERM")) {
                redis.aclSetUser("poor", "~pushy:*");
                log.awaitWarning("refuses to let us listen", "give it the keys, channels and commands");
                redis.aclSetUser("poor", "&pushy:*");
                node.awaitWell();
            }
        }
    }

    @Test
    void start_clusterUrlOfASingleServer_saysSo() {
        failing("redis-cluster://" + address(), "no server of the cluster", "cluster support disabled")
                .close();
    }

    @Test
    void start_sentinelUrlOfAServer_saysSo() {
        failing("redis-sentinel://" + address() + "/0?master=m", "no sentinel of", "check REDIS_URL")
                .close();
    }

    @Test
    void start_sentinelThatKnowsNoSuchMaster_saysSo() {
        try (RedisSite site = new SentinelSite(RedisServer.Kind.PATH, 1).open()) {
            String url = site.url().replaceFirst("master=.*", "master=somebody");
            failing(url, "names a master \"somebody\"", "check REDIS_URL").close();
        }
    }

    @Test
    void start_urlOfASingleServerThatIsInACluster_saysSo() {
        try (RedisSite site = new ClusterSite(RedisServer.Kind.PATH, 3).open()) {
            int slot = new Keys("pushy:", 1, "test").slot(0);
            RedisServer another = site.masters().get((site.masterOf(slot) + 1) % 3);
            failing(another.url(), "redis-cluster://", "MOVED").close();
        }
    }

    @Test
    void warnings_atAGoodStart_areNone() {
        try (BrokerNode node =
                BrokerNode.start(BrokerNode.patient(SITE.url()).prefix("good:").build())) {
            node.awaitWell();
            assertEquals(List.of(), log.warnings());
        }
    }

    @Test
    void warnings_ofAForgetfulRedis_nameTheSettings() {
        try (RedisServer forgetful = RedisServer.start(
                        RedisServer.Kind.PATH,
                        "--maxmemory-policy",
                        "allkeys-lru",
                        "--client-output-buffer-limit",
                        "pubsub",
                        "1mb",
                        "1mb",
                        "1");
                BrokerNode node =
                        BrokerNode.start(BrokerNode.impatient(forgetful.url()).build())) {
            node.awaitWell();
            log.awaitWarning("maxmemory-policy", "allkeys-lru", "noeviction");
            log.awaitWarning("client-output-buffer-limit", "pubsub 256mb");
        }
    }
}
