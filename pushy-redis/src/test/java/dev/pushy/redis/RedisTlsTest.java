package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.HistoryQuery;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Revocation;
import dev.pushy.core.contract.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisAccessControlException;

/** Redis with TLS, and a user that may do what Pushy needs and no more. */
class RedisTlsTest {
    /** A password with every character that means something in a URL. */
    private static final String PASSWORD = "p@ss:w/rd?#%&+ \u00e9";

    private static final String ENCODED = "p%40ss%3Aw%2Frd%3F%23%25%26+%20%C3%A9";

    /** The rule that docs/operations.md gives. */
    private static final List<String> RULE = List.of(
            "on",
            "~pushy:*",
            "resetchannels",
            "&pushy:*",
            "-@all",
            "+@read",
            "+@write",
            "-@dangerous",
            "+@pubsub",
            "+@connection",
            "+evalsha",
            "+script|load",
            "+time",
            "+info",
            "+role",
            "+config|get",
            "+cluster|info",
            "+cluster|slots");

    private final LogLines log = new LogLines();

    @TempDir
    private static Path folder;

    private static TestCertificate certificate;
    private static RedisServer server;
    private static int tlsPort;

    @BeforeAll
    static void start() throws Exception {
        certificate = TestCertificate.of(folder, "ip:127.0.0.1");
        tlsPort = RedisServer.freePort();
        server = RedisServer.start(
                RedisServer.Kind.PATH,
                "--tls-port",
                Integer.toString(tlsPort),
                "--tls-cert-file",
                certificate.certificate().toString(),
                "--tls-key-file",
                certificate.key().toString(),
                "--tls-ca-cert-file",
                certificate.certificate().toString(),
                "--tls-auth-clients",
                "no");
        allow(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void end() {
        log.close();
        for (String line : log.all()) {
            assertFalse(line.contains(PASSWORD) || line.contains(ENCODED), line);
        }
    }

    private static void allow(RedisServer server) {
        try (Jedis redis = server.connect()) {
            redis.aclSetUser("pushy", RULE.toArray(String[]::new));
            redis.aclSetUser("pushy", ">" + PASSWORD);
        }
    }

    private String url(String scheme, int port) {
        return scheme + "://pushy:" + ENCODED + "@127.0.0.1:" + port;
    }

    private RedisConfig.Builder config() {
        return BrokerNode.patient(url("rediss", tlsPort)).sslSocketFactory(certificate.trust());
    }

    @Test
    void connect_trusted_works() {
        useEverything(config().build());
    }

    @Test
    void connect_byAUserWithNoMoreRights_worksOnRedis62() {
        try (RedisServer old = RedisServer.start(RedisServer.Kind.EMBEDDED)) {
            allow(old);
            useEverything(BrokerNode.patient(url("redis", old.port())).build());
        }
    }

    @Test
    void connect_byAUserWithNoMoreRights_worksOnACluster() {
        try (RedisSite site = new ClusterSite(RedisServer.Kind.PATH, 3).open()) {
            site.masters().forEach(RedisTlsTest::allow);
            String url = site.url().replace("redis-cluster://", "redis-cluster://pushy:" + ENCODED + "@");
            useEverything(BrokerNode.patient(url).build());
        }
    }

    /** Nothing is refused, which would be in the log. */
    private void useEverything(RedisConfig config) {
        Channel channel = Channel.of("room.1");
        try (BrokerNode node = BrokerNode.start(config);
                PresenceNode members = PresenceNode.lively(config, Duration.ofSeconds(2))) {
            node.awaitWell().subscribe("**").subscribe("room.1");
            PublishOptions all = BrokerNode.KEPT.withKey("k").withRetain(Duration.ofMinutes(1));
            String id = Await.get(node.broker.publish(Publication.of(channel, "1"), all))
                    .id();
            Await.get(node.broker.publish(Publication.of(channel, "2"), PublishOptions.LIVE_ONLY.withKey("l")));
            Await.until(() -> node.heard().size() == 2, () -> "heard " + node.heard());
            assertEquals(
                    id,
                    Await.get(node.broker.retained(channel))
                            .orElseThrow()
                            .publication()
                            .id());
            assertEquals(
                    1,
                    Await.get(node.broker.log().orElseThrow().history(channel, new HistoryQuery(9, null, false)))
                            .messages()
                            .size());
            Await.get(node.broker.control(new ControlMessage.Disconnect("default", "1.2", null)));
            Await.get(node.broker.revoke(new Revocation("default", "t", null, 1, 4_000_000_000L)));
            assertEquals(1, Await.get(node.broker.revocations()).size());
            Await.get(members.join(channel, "ann"));
            Await.get(members.store.update(channel, 3));
            assertEquals(List.of("ann"), members.members(channel));
            assertEquals(
                    3, Await.get(members.store.occupied("default", "room.")).get("room.1"));
            PresenceNode.awaitTold(List.of("JOINED:ann@room.1", "OCCUPIED:@room.1"), members);
            Await.get(members.leave(channel, "ann"));
            Await.get(node.broker.unsubscribe(ChannelPattern.of("room.1")));
        }
        assertEquals(List.of(), log.warnings());
    }

    @ParameterizedTest
    @EnumSource(RedisServer.Kind.class)
    void rule_allowsNothingElse(RedisServer.Kind kind) {
        try (RedisServer another = RedisServer.start(kind);
                Jedis redis = another.connect()) {
            allow(another);
            redis.auth("pushy", PASSWORD);
            redis.set("pushy:x", "1");
            assertThrows(JedisAccessControlException.class, () -> redis.get("other"));
            assertThrows(JedisAccessControlException.class, () -> redis.set("other", "1"));
            assertThrows(JedisAccessControlException.class, redis::flushAll);
            assertThrows(JedisAccessControlException.class, () -> redis.keys("*"));
            assertThrows(JedisAccessControlException.class, () -> redis.configSet("maxmemory", "1"));
            assertThrows(JedisAccessControlException.class, redis::scriptFlush);
            assertThrows(JedisAccessControlException.class, redis::aclList);
            assertThrows(JedisAccessControlException.class, () -> redis.publish("other", "1"));
            assertThrows(JedisAccessControlException.class, () -> redis.replicaofNoOne());
        }
    }

    @Test
    void connect_untrusted_saysSo() {
        BrokerNode node =
                BrokerNode.start(BrokerNode.impatient(url("rediss", tlsPort)).build());
        log.awaitWarning("TLS with 127.0.0.1:" + tlsPort + " fails", "trusts its certificate");
        assertTrue(node.refusal("news").contains("TLS"));
        node.close();
    }

    @Test
    void connect_certificateOfAnother_saysSo() throws Exception {
        TestCertificate another = TestCertificate.of(Files.createDirectory(folder.resolve("another")), "dns:another");
        serve(another);
        try (BrokerNode node =
                BrokerNode.start(config().sslSocketFactory(another.trust()).build())) {
            log.awaitWarning("TLS with", "finds this name in it");
            assertTrue(node.refusal("news").contains("TLS"));
        } finally {
            serve(certificate);
        }
    }

    private static void serve(TestCertificate certificate) {
        try (Jedis redis = server.connect()) {
            redis.configSet(Map.of(
                    "tls-cert-file",
                    certificate.certificate().toString(),
                    "tls-key-file",
                    certificate.key().toString(),
                    "tls-ca-cert-file",
                    certificate.certificate().toString()));
        }
    }

    @Test
    void connect_withTlsToAPortWithout_saysSo() {
        BrokerNode node = BrokerNode.start(BrokerNode.impatient(url("rediss", server.port()))
                .sslSocketFactory(certificate.trust())
                .build());
        log.awaitWarning("TLS with", "check that Redis speaks TLS there");
        node.close();
    }

    @Test
    void connect_withoutTlsToAPortWithIt_saysSo() {
        BrokerNode node =
                BrokerNode.start(BrokerNode.impatient(url("redis", tlsPort)).build());
        log.awaitWarning("rediss://");
        node.close();
    }
}
