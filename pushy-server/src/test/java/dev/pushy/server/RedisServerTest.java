package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.contract.Await;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server as {@code redis-url} and its like configure it, on a real Redis. */
@Timeout(180)
class RedisServerTest {
    @TempDir
    Path folder;

    @Test
    void nodes_onOneRedis_shareMessagesAndMembers() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                PushyServer one = start(redis, Map.of());
                PushyServer two = start(redis, Map.of())) {
            NodeClient first = ready(one);
            NodeClient second = ready(two);
            try (EventStream stream = first.stream(first.token("ann", "room.*", "room.1"))) {
                assertEquals(200, second.publish("room.1", "\"from the other\"").statusCode());
                stream.until("from the other");
                second.awaitAnswer("/presence/room.1", 200, "\"subject\":\"ann\"");
                assertEquals(
                        "room.1",
                        second.ask("/channels").at("/channels/0/channel").asText());
                assertTrue(second.ask("/history/room.1").toString().contains("from the other"));
            }
            second.awaitAnswer("/presence/room.1?count=true", 200, "\"count\":0");
        }
    }

    @Test
    void prefixes_thatDiffer_areDeploymentsOfTheirOwn() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                PushyServer one = start(redis, Map.of());
                PushyServer two = start(redis, Map.of("redis.prefix", "other:"))) {
            NodeClient first = ready(one);
            NodeClient second = ready(two);

            assertEquals(200, first.publish("news", "1").statusCode());

            assertEquals(1, first.ask("/history/news").get("messages").size());
            assertEquals(0, second.ask("/history/news").get("messages").size());
        }
    }

    @Test
    void redis_awayAtTheStart_isWaitedFor() throws Exception {
        int port = RedisProcess.freePort();
        try (PushyServer server = start("redis://127.0.0.1:" + port, Map.of())) {
            NodeClient node = new NodeClient(server.port());
            node.awaitAnswer("/health/ready", 503, "Redis is away");
            assertEquals("starting", node.readiness(503).get("status").asText());
            assertEquals(200, node.get("/health/live").statusCode());
            HttpResponse<String> refused = node.publish("news", "1");
            assertEquals(503, refused.statusCode(), refused::body);
            assertTrue(refused.headers().firstValue("Retry-After").isPresent());
            node.awaitMetric("pushy_ready 0.0");
            node.awaitMetric("pushy_redis_connected{partition=\"0\",} 0.0");

            try (RedisProcess redis = RedisProcess.startAt(port, folder)) {
                node.awaitReadiness(200);
                node.awaitMetric("pushy_redis_connected{partition=\"0\",} 1.0");
                assertEquals(200, node.publish("news", "1").statusCode());
            }
        }
    }

    @Test
    void redis_killed_clientsStayAndGoOnWhenItIsBack() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                PushyServer staying = start(redis, Map.of());
                PushyServer going = start(redis, Map.of("health.ready-without-broker", "false"))) {
            NodeClient kept = ready(staying);
            NodeClient left = ready(going);
            try (EventStream stream = kept.stream(kept.token("ann", "news"))) {
                redis.kill();

                kept.awaitMetric("pushy_redis_receiving 0.0");
                kept.awaitMetric("pushy_redis_publishing 0.0");
                JsonNode said = kept.readiness(200);
                assertEquals("ready", said.get("status").asText());
                assertFalse(said.get("detail").asText().isEmpty());
                left.awaitAnswer("/health/ready", 503, "broker_unavailable");
                assertEquals(200, left.get("/health/live").statusCode());
                assertEquals(503, kept.publish("news", "0").statusCode());

                redis.restart();
                left.awaitReadiness(200);
                kept.awaitMetric("pushy_redis_publishing 1.0");
                kept.awaitMetric("pushy_redis_receiving 1.0");
                assertEquals(200, left.publish("news", "\"after\"").statusCode());
                stream.until("\"after\"");
                assertFalse(kept.get("/metrics").body().contains("pushy_redis_links_broken_total 0.0"));
                assertFalse(kept.readiness(200).has("detail"));
            }
        }
    }

    @Test
    void canaries_areSentAndCounted() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                PushyServer server = start(redis, Map.of("redis.canary", "1s"))) {
            NodeClient node = ready(server);

            Await.until(() -> sent(node) >= 3, () -> "three canaries, the node has sent " + sent(node));
            node.awaitMetric("pushy_redis_canaries_missed_total 0.0");
        }
    }

    private static double sent(NodeClient node) {
        try {
            String name = "pushy_redis_canaries_sent_total ";
            return node.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                    .findFirst()
                    .orElseThrow();
        } catch (java.io.IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void partitions_otherThanTheOthersHave_keepTheNodeOut() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                PushyServer one = start(redis, Map.of("redis.partitions", "3"))) {
            ready(one).awaitMetric("pushy_redis_connected{partition=\"2\",} 1.0");

            try (PushyServer two = start(redis, Map.of())) {
                new NodeClient(two.port()).awaitAnswer("/health/ready", 503, "this deployment has 3 partitions");
            }
        }
    }

    @Test
    void stop_takesMembersBackAndLeavesNoThread() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                PushyServer one = start(redis, Map.of())) {
            NodeClient first = ready(one);
            PushyServer two = start(redis, Map.of());
            NodeClient second = ready(two);
            EventStream stream = second.stream(second.token("ann", "room.1"));
            first.awaitAnswer("/presence/room.1", 200, "\"subject\":\"ann\"");

            two.close();

            stream.until("event: pushy:reconnect");
            // Those of a node that is gone without a word would stay for the time of its lease, and be seen at once
            // here.
            assertEquals(
                    0, first.ask("/presence/room.1?count=true").get("count").asInt());
            stream.close();
        }
        Await.until(() -> threads().isEmpty(), () -> "no thread of Redis is left, but there are " + threads());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("pushy-redis"))
                .toList();
    }

    @Test
    void tls_withCertificatesOfBothSides_connects() throws Exception {
        TestCertificate certificate = TestCertificate.selfSigned(folder, "redis", "EC");
        Path leaf = Files.writeString(folder.resolve("cert.pem"), certificate.leaf());
        Path key = Files.writeString(folder.resolve("key.pem"), certificate.pkcs8());
        TestCertificate stranger = TestCertificate.selfSigned(folder, "stranger", "EC");
        Path other = Files.writeString(folder.resolve("other.pem"), stranger.leaf());
        try (RedisProcess redis = RedisProcess.startWithTls(folder, leaf, key, leaf)) {
            String url = "rediss://127.0.0.1:" + redis.port();
            Map<String, String> identity = Map.of("redis.cert-file", leaf.toString(), "redis.key-file", key.toString());
            try (PushyServer known = start(url, with(identity, "redis.ca-file", leaf));
                    PushyServer anonymous = start(url, Map.of("redis.ca-file", leaf.toString()));
                    PushyServer suspicious = start(url, with(identity, "redis.ca-file", other))) {
                assertEquals(200, ready(known).publish("news", "1").statusCode());
                new NodeClient(anonymous.port()).awaitAnswer("/health/ready", 503, "Redis is away");
                new NodeClient(suspicious.port()).awaitAnswer("/health/ready", 503, "that Java trusts its certificate");
            }
        }
    }

    private static Map<String, String> with(Map<String, String> flags, String key, Path value) {
        Map<String, String> all = new HashMap<>(flags);
        all.put(key, value.toString());
        return all;
    }

    private static NodeClient ready(PushyServer server) {
        NodeClient client = new NodeClient(server.port());
        client.awaitReadiness(200);
        return client;
    }

    private static PushyServer start(RedisProcess redis, Map<String, String> more) {
        return start(redis.url(), more);
    }

    private static PushyServer start(String url, Map<String, String> more) {
        Map<String, String> flags = new HashMap<>(Map.of("dev", "true", "port", "0", "drain-time", "2s"));
        flags.putAll(Map.of("redis-url", url, "channels.room.*.presence", "true"));
        flags.putAll(more);
        return PushyServer.start(ServerConfig.load(null, Map.of(), flags));
    }
}
