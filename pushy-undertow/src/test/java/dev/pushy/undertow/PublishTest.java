package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.undertow.NodeServer.Answer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code POST /publish/{channel}} and {@code POST /publish} over real sockets. */
class PublishTest {
    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static void assertProblem(int status, String code, Answer answer) {
        assertEquals(status, answer.status(), answer.toString());
        assertEquals("application/problem+json", answer.header("Content-Type"));
        JsonNode problem = answer.json();
        assertEquals(status, problem.get("status").asInt());
        assertEquals(code, problem.get("code").asText(), answer.body());
        assertEquals("about:blank", problem.get("type").asText());
        assertTrue(problem.get("title").asText().length() > 2, answer.body());
        assertTrue(problem.get("detail").asText().length() > 20, answer.body());
        assertTrue(!answer.body().contains("Exception") && !answer.body().contains("\tat "), answer.body());
    }

    private static Answer publish(String channel, String body) {
        return server.post("/publish/" + channel, body, NodeServer.publisher());
    }

    @Test
    void publish_ofAPublisher_answersWithIdAndChannel() {
        Answer answer = publish("news.sports", "{\"data\":{\"title\":\"Breaking\"}}");
        assertEquals(200, answer.status());
        assertEquals("news.sports", answer.json().get("channel").asText());
        assertTrue(answer.json().get("id").asText().startsWith("a"));
        assertEquals("application/json", answer.header("Content-Type"));
        assertEquals("no-store", answer.header("Cache-Control"));
    }

    @Test
    void publish_ofAnyJson_keepsItsBytes() {
        for (String data :
                new String[] {"null", "1.50", "\"x\\u00e9\"", "[ 1 , 2 ]", "{\"a\" : {\"b\":[]}}", "false"}) {
            publish("kept.data", "{\"data\":" + data + "}");
            JsonNode history = server.get("/history/kept.data?limit=1&reverse=true", NodeServer.publisher())
                    .json();
            assertEquals(NodeServer.json(data), history.get("messages").get(0).get("data"));
        }
        String answer = server.get("/history/kept.data", NodeServer.publisher()).body();
        assertTrue(answer.contains("\"data\":{\"a\" : {\"b\":[]}},") && answer.contains("\"data\":1.50,"), answer);
    }

    @Test
    void publish_withoutOrWithWrongCredentials_isUnauthorized() {
        String body = "{\"data\":1}";
        assertProblem(401, "unauthorized", server.post("/publish/a", body));
        assertProblem(401, "unauthorized", server.post("/publish/a", body, "X-Client-ID", NodeServer.ID));
        assertProblem(
                401,
                "unauthorized",
                server.post("/publish/a", body, "X-Client-ID", NodeServer.ID, "X-Client-Secret", "wrong"));
        assertProblem(
                401,
                "unauthorized",
                server.post("/publish/a", body, "X-Client-ID", "nobody", "X-Client-Secret", NodeServer.SECRET));
        Answer refused = server.post("/publish/a", body, "Authorization", "Bearer x.y.z");
        assertProblem(401, "unauthorized", refused);
        assertTrue(refused.header("WWW-Authenticate").startsWith("Bearer"));
    }

    @Test
    void publish_outsideThePublishersChannels_isForbidden() {
        assertEquals(
                200,
                server.post("/publish/orders.1", "{\"data\":1}", NodeServer.limited())
                        .status());
        assertProblem(403, "forbidden", server.post("/publish/orders", "{\"data\":1}", NodeServer.limited()));
        assertProblem(403, "forbidden", server.post("/publish/news;orders.1", "{\"data\":1}", NodeServer.limited()));
    }

    @Test
    void publish_ofAClient_followsItsTokenAndThePolicy() {
        String token = server.token("ann", "chat.*", "readonly.*");
        String[] bearer = NodeServer.bearer(token);
        assertEquals(200, server.post("/publish/chat.1", "{\"data\":1}", bearer).status());
        assertProblem(403, "forbidden", server.post("/publish/chat", "{\"data\":1}", bearer));
        assertProblem(403, "forbidden", server.post("/publish/readonly.1", "{\"data\":1}", bearer));
        assertProblem(
                400,
                "invalid_event",
                server.post("/publish/chat.1", "{\"data\":1,\"event\":\"client-typing\"}", bearer));
        assertEquals(
                200,
                server.post("/publish/chat.1?token=" + token, "{\"data\":1}").status());
    }

    @Test
    void publish_withWrongMembers_saysWhichAndWhy() {
        assertProblem(400, "missing_data", publish("a", "{}"));
        assertProblem(400, "invalid_json", publish("a", "{\"data\":"));
        assertProblem(400, "invalid_json", publish("a", "[1]"));
        assertProblem(400, "invalid_json", publish("a", ""));
        assertProblem(400, "invalid_json", publish("a", "{\"data\":1}x"));
        assertProblem(400, "invalid_json", publish("a", "{\"data\":1,\"data\":2}"));
        assertProblem(400, "invalid_event", publish("a", "{\"data\":1,\"event\":\"\"}"));
        assertProblem(400, "invalid_event", publish("a", "{\"data\":1,\"event\":\"a\\nb\"}"));
        assertProblem(400, "invalid_event", publish("a", "{\"data\":1,\"event\":\"pushy:open\"}"));
        assertProblem(400, "invalid_event", publish("a", "{\"data\":1,\"event\":\"" + "e".repeat(201) + "\"}"));
        assertProblem(400, "invalid_request", publish("a", "{\"data\":1,\"event\":1}"));
        assertProblem(400, "invalid_request", publish("a", "{\"data\":1,\"key\":\"\"}"));
        assertProblem(400, "invalid_request", publish("a", "{\"data\":1,\"key\":\"" + "k".repeat(201) + "\"}"));
        assertProblem(400, "invalid_request", publish("a", "{\"data\":1,\"ttl\":-1}"));
        assertProblem(400, "invalid_request", publish("a", "{\"data\":1,\"history\":\"no\"}"));
        assertProblem(400, "invalid_channel", publish("a..*", "{\"data\":1}"));
        assertProblem(400, "invalid_channel", publish("a%20b", "{\"data\":1}"));
        assertProblem(400, "invalid_channel", publish("a%2Fb", "{\"data\":1}"));
        assertProblem(400, "invalid_channel", publish("", "{\"data\":1}"));
        assertProblem(400, "invalid_channel", publish("c".repeat(201), "{\"data\":1}"));
        assertProblem(404, "not_found", publish("a/b", "{\"data\":1}"));
    }

    @Test
    void publish_nestedTooDeep_isRefusedNamingTheLimit() {
        assertEquals(
                200,
                publish("a", "{\"data\":" + "[".repeat(64) + "]".repeat(64) + "}")
                        .status());
        Answer refused = publish("a", "{\"data\":" + "[".repeat(66) + "]".repeat(66) + "}");
        assertProblem(400, "invalid_json", refused);
        assertProblem(400, "invalid_json", publish("a", "{\"data\":" + "[".repeat(30_000) + "}"));
    }

    @Test
    void publish_withDataAtTheLimit_isTakenAndBeyondIsTooLarge() {
        assertEquals(
                200, publish("small.1", "{\"data\":\"" + "x".repeat(18) + "\"}").status());
        Answer refused = publish("small.1", "{\"data\":\"" + "x".repeat(19) + "\"}");
        assertProblem(413, "too_large", refused);
        assertTrue(refused.body().contains("21 bytes, the limit is 20"), refused.body());
        assertProblem(413, "too_large", publish("a", "{\"data\":\"" + "x".repeat(80_000) + "\"}"));
    }

    @Test
    void publish_withTheSameKey_isPublishedOnce() {
        Answer first = publish("keyed", "{\"data\":1,\"key\":\"k1\"}");
        Answer second = publish("keyed", "{\"data\":2,\"key\":\"k1\"}");
        assertEquals(first.json().get("id"), second.json().get("id"));
        assertTrue(second.json().get("duplicate").asBoolean());
        assertEquals(
                1,
                server.get("/history/keyed", NodeServer.publisher())
                        .json()
                        .get("messages")
                        .size());
    }

    @Test
    void publish_withoutHistory_isNotKept() {
        publish("unkept", "{\"data\":1,\"history\":false}");
        publish("unkept", "{\"data\":2,\"ttl\":0}");
        String kept =
                publish("unkept", "{\"data\":3,\"ttl\":100}").json().get("id").asText();
        JsonNode messages =
                server.get("/history/unkept", NodeServer.publisher()).json().get("messages");
        assertEquals(1, messages.size());
        assertEquals(kept, messages.get(0).get("id").asText());
    }

    @Test
    void batch_ofSeveralMessages_answersInOrder() {
        Answer answer = server.post(
                "/publish",
                "{\"messages\":[{\"channel\":\"b.1\",\"data\":1},{\"channel\":\"b.2\",\"data\":{\"x\":2},\"event\":\"e\"}]}",
                NodeServer.publisher());
        assertEquals(200, answer.status(), answer.body());
        JsonNode results = answer.json().get("results");
        assertEquals("b.1", results.get(0).get("channel").asText());
        assertEquals("b.2", results.get(1).get("channel").asText());
        assertNotEquals(results.get(0).get("id"), results.get(1).get("id"));
        Answer many = server.post("/publish", "{\"channels\":[\"b.3\",\"b.4\"],\"data\":[1]}", NodeServer.publisher());
        assertEquals(2, many.json().get("results").size());
    }

    @Test
    void batch_withOneFault_publishesNothing() {
        String good = "{\"channel\":\"none.1\",\"data\":1}";
        String[][] bad = {
            {"{\"channel\":\"none.2\"}", "400", "missing_data"},
            {"{\"channel\":\"no ne\",\"data\":1}", "400", "invalid_channel"},
            {"{\"data\":1}", "400", "invalid_request"},
            {"7", "400", "invalid_json"},
            {"{\"channel\":\"small.1\",\"data\":\"" + "x".repeat(30) + "\"}", "413", "too_large"},
        };
        for (String[] each : bad) {
            Answer answer =
                    server.post("/publish", "{\"messages\":[" + good + "," + each[0] + "]}", NodeServer.publisher());
            assertProblem(Integer.parseInt(each[1]), each[2], answer);
        }
        String eleven = IntStream.range(0, 11).mapToObj(i -> good).collect(Collectors.joining(","));
        assertProblem(
                413, "too_large", server.post("/publish", "{\"messages\":[" + eleven + "]}", NodeServer.publisher()));
        assertProblem(400, "invalid_request", server.post("/publish", "{\"messages\":[]}", NodeServer.publisher()));
        assertProblem(400, "invalid_request", server.post("/publish", "{\"data\":1}", NodeServer.publisher()));
        assertProblem(
                403,
                "forbidden",
                server.post("/publish", "{\"channels\":[\"orders.1\",\"none.1\"],\"data\":1}", NodeServer.limited()));
        assertEquals(
                0,
                server.get("/history/none.1", NodeServer.publisher())
                        .json()
                        .get("messages")
                        .size());
        assertEquals(
                0,
                server.get("/history/orders.1x", NodeServer.publisher())
                        .json()
                        .get("messages")
                        .size());
    }
}
