package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The nodes and their Redis. */
final class Cluster implements AutoCloseable {
    static final String CLIENT_ID = "oracle";
    static final String CLIENT_SECRET = "the-secret-of-the-publishers";
    static final String PUSHER_KEY = "oracle-key";
    static final String PUSHER_SECRET = "the-secret-of-the-pusher-app";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NODES = 3;

    private static final String CONFIG = """
            bind: 127.0.0.1
            drain-time: 5s
            limits:
              backlog: 256KiB
            channels:
              "room.*": { presence: true }
              "presence-lobby": { presence: true }
            apps:
              default:
                secrets:
                  - secret: a-secret-for-tokens-that-is-long-enough-for-an-hmac
                publishers:
                  - id: %s
                    secrets: [%s]
                pusher:
                  id: 1
                  keys:
                    - key: %s
                      secret: %s
                  public-channels: ["**"]
                  webhooks:
                    - url: %s
                      events: [member_added, member_removed, channel_occupied, channel_vacated]
            """;

    private final RedisPair redis;
    private final List<Node> nodes = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Starts all, and waits until they are ready. */
    Cluster(Path folder, Path logs, String webhook) throws IOException {
        Files.writeString(
                folder.resolve("pushy.yaml"),
                CONFIG.formatted(CLIENT_ID, CLIENT_SECRET, PUSHER_KEY, PUSHER_SECRET, webhook));
        redis = new RedisPair(folder);
        try {
            for (int i = 1; i <= NODES; i++) {
                nodes.add(new Node("node-" + i, folder, logs, redis.port()));
            }
            nodes.forEach(Node::awaitUp);
            awaitReady();
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
    }

    RedisPair redis() {
        return redis;
    }

    List<Node> nodes() {
        return nodes;
    }

    HttpClient http() {
        return http;
    }

    /** Any node that lives. */
    @Nullable
    Node any(Random random) {
        List<Node> up = nodes.stream().filter(Node::isUp).toList();
        return up.isEmpty() ? null : up.get(random.nextInt(up.size()));
    }

    /** A token of a subject that may hear everything. */
    String token(String subject) {
        HttpRequest request = HttpRequest.newBuilder(nodes.get(0).uri("/token"))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .header("X-Client-ID", CLIENT_ID)
                .header("X-Client-Secret", CLIENT_SECRET)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"sub\":\"" + subject + "\",\"channels\":[\"**\"],\"publish\":[]}"))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode token = JSON.readTree(answer.body()).path("token");
            if (!token.isTextual()) {
                throw new AssertionError("no token: " + answer.body());
            }
            return token.asText();
        } catch (IOException e) {
            throw new AssertionError("no token", e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** All nodes find their Redis where it is now. */
    void findRedis() {
        for (Node node : nodes) {
            node.network().target(redis.port());
            node.network().breakConnections();
        }
    }

    /** Waits until all nodes say that they are ready. */
    void awaitReady() {
        for (Node node : nodes) {
            Await.until(() -> node.isReady(http), () -> node + " does not become ready");
        }
    }

    @Override
    public void close() {
        nodes.forEach(Node::close);
        redis.close();
    }
}
