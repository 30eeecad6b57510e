package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions over HTTP requests on two packaged servers, when one of them or their Redis ends. */
class SessionForwardingIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Await.PATIENCE).build();
    private RedisProcess redis;
    private ServerProcess one;
    private ServerProcess two;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        redis = RedisProcess.start(folder.resolve("redis"));
        one = node(folder);
        two = node(folder);
        for (ServerProcess node : List.of(one, two)) {
            new NodeClient(node.port()).awaitReadiness(200);
        }
    }

    private ServerProcess node(Path folder) throws Exception {
        return ServerProcess.runJar(
                ServerJarIT.jar(), folder, Map.of("REDIS_URL", redis.url()), "start", "--dev", "--port", "0");
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
        redis.close();
    }

    private HttpResponse<String> post(ServerProcess node, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + "/channels/sockjs/0/" + path))
                        .timeout(Await.PATIENCE)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String poll(ServerProcess node, String session) throws Exception {
        HttpResponse<String> answer = post(node, session + "/xhr", "");
        assertEquals(200, answer.statusCode(), answer::body);
        return answer.body().strip();
    }

    private void send(ServerProcess node, String session, String message) throws Exception {
        HttpResponse<String> answer = post(node, session + "/xhr_send", JSON.writeValueAsString(List.of(message)));
        assertEquals(204, answer.statusCode(), answer::body);
    }

    /** Opens a session on a node, and subscribes it by way of the other. */
    private void subscribe(ServerProcess node, ServerProcess other, String session) throws Exception {
        assertEquals("o", poll(node, session));
        String token = new NodeClient(other.port()).token("me", "news");
        send(other, session, "{\"type\":\"auth\",\"token\":\"" + token + "\"}");
        send(other, session, "{\"type\":\"subscribe\",\"channels\":[\"news\"]}");
        List<String> types = new ArrayList<>();
        while (!types.contains("subscribed")) {
            messages(poll(other, session))
                    .forEach(message -> types.add(message.get("type").asText()));
        }
    }

    private static List<JsonNode> messages(String frame) throws Exception {
        List<JsonNode> messages = new ArrayList<>();
        if (frame.startsWith("a")) {
            for (JsonNode text : JSON.readTree(frame.substring(1))) {
                messages.add(JSON.readTree(text.asText()));
            }
        }
        return messages;
    }

    private void hears(ServerProcess node, String session, int number) throws Exception {
        List<JsonNode> messages = new ArrayList<>();
        while (messages.isEmpty()) {
            messages.addAll(messages(poll(node, session)));
            messages.removeIf(message -> !message.get("type").asText().equals("message"));
        }
        assertEquals(1, messages.size(), messages::toString);
        assertEquals(number, messages.get(0).get("data").asInt());
    }

    @Test
    void session_ofANodeThatIsKilled_isOver_andAnotherBegins() throws Exception {
        subscribe(one, two, "s");
        new NodeClient(two.port()).post("/publish/news", "{\"data\":1}");
        hears(two, "s", 1);
        one.close();
        assertEquals(404, post(two, "s/xhr", "").statusCode());
        assertEquals(404, post(two, "s/xhr_send", "[\"x\"]").statusCode());
        two.awaitOut(line -> line.contains("cannot be reached"));
        Await.until(() -> isOpenedAnew("s"), () -> "the name of the session is not free");
    }

    private boolean isOpenedAnew(String session) {
        try {
            HttpResponse<String> answer = post(two, session + "/xhr", "");
            assertTrue(answer.statusCode() == 404 || answer.body().equals("o\n"), answer::body);
            return answer.statusCode() == 200;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void session_whileRedisIsAway_goesOnByBothNodes() throws Exception {
        subscribe(one, two, "s");
        redis.kill();
        send(two, "s", "{\"type\":\"ping\"}");
        assertEquals(1, messages(poll(two, "s")).size());
        send(one, "s", "{\"type\":\"ping\"}");
        assertEquals(1, messages(poll(two, "s")).size());
        assertEquals("o", poll(two, "new"));
        redis.restart();
        for (ServerProcess node : List.of(one, two)) {
            new NodeClient(node.port()).awaitReadiness(200);
        }
        Await.until(() -> isAlsoAt(one, "new"), () -> "the new session is not told to Redis");
    }

    /** Whether a message to a session is taken. */
    private boolean isAlsoAt(ServerProcess node, String session) {
        try {
            return post(node, session + "/xhr_send", "[\"{\\\"type\\\":\\\"ping\\\"}\"]")
                            .statusCode()
                    == 204;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void node_thatStops_makesItsSessionsFree() throws Exception {
        subscribe(one, two, "s");
        one.terminate();
        assertEquals(0, one.exitCode());
        assertEquals("o", poll(two, "s"));
    }
}
