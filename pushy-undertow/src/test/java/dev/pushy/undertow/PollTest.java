package dev.pushy.undertow;

import static dev.pushy.undertow.PublishTest.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.undertow.NodeServer.Answer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code GET /channels/poll}. */
class PollTest {
    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static long polls() {
        return server.pushy.hub().stats().connections().getOrDefault("poll", 0L);
    }

    private static JsonNode poll(String query) {
        Answer answer =
                server.get("/channels/poll?" + query, NodeServer.bearer(server.token("ann", "p.*", "big.*", "g")));
        assertEquals(200, answer.status(), answer.body());
        return answer.json();
    }

    @Test
    void poll_withoutSince_answersAtOnceWithACursor() {
        JsonNode first = poll("channels=p.1");
        assertFalse(first.get("cursor").asText().isEmpty());
        assertEquals(0, first.get("messages").size());
        assertEquals(0, first.get("gaps").size());
    }

    @Test
    void poll_withMissedMessages_answersAtOnceAndMovesOn() {
        String cursor = poll("channels=p.*").get("cursor").asText();
        server.publish("p.2", "{\"a\":1}");
        String last = server.publish("p.3", "2");
        JsonNode answer = poll("channels=p.*&since=" + cursor);
        assertEquals(2, answer.get("messages").size());
        assertEquals("p.2", answer.get("messages").get(0).get("channel").asText());
        assertEquals(1, answer.get("messages").get(0).get("data").get("a").asInt());
        assertEquals(last, answer.get("cursor").asText());
        assertEquals(
                0, poll("channels=p.*&wait=0&since=" + last).get("messages").size());
    }

    @Test
    void poll_thatWaits_isAnsweredByTheNextMessage() throws Exception {
        String cursor = poll("channels=p.4").get("cursor").asText();
        CompletableFuture<JsonNode> waiting =
                CompletableFuture.supplyAsync(() -> poll("channels=p.4&wait=20&since=" + cursor));
        NodeServer.await("a poll", () -> polls() > 0);
        String id = server.publish("p.4", "7");
        JsonNode answer = waiting.get();
        assertEquals(1, answer.get("messages").size());
        assertEquals(id, answer.get("cursor").asText());
    }

    @Test
    void poll_whoseTimeIsUp_movesOverWhatIsNotItsOwn() {
        String cursor = poll("channels=p.5").get("cursor").asText();
        String other = server.publish("other", "1");
        JsonNode answer = poll("channels=p.5&wait=1&since=" + cursor);
        assertEquals(0, answer.get("messages").size());
        assertEquals(other, answer.get("cursor").asText());
    }

    @Test
    void poll_withAnUnknownCursor_hasAGap() {
        server.publish("g", "1");
        JsonNode answer = poll("channels=g&since=nonsense");
        assertEquals("reset", answer.get("gaps").get(0).get("reason").asText());
        assertEquals(1, answer.get("messages").size());
    }

    @Test
    void poll_ofMuch_comesInPartsAndComplete() {
        String cursor = poll("channels=big.1").get("cursor").asText();
        String data = "\"" + "x".repeat(10_000) + "\"";
        for (int i = 0; i < 30; i++) {
            server.publish("big.1", data);
        }
        Set<String> ids = new HashSet<>();
        int polls = 0;
        while (ids.size() < 30 && polls < 30) {
            JsonNode answer = poll("channels=big.1&wait=1&since=" + cursor);
            answer.get("messages")
                    .forEach(message -> assertTrue(ids.add(message.get("id").asText())));
            cursor = answer.get("cursor").asText();
            polls++;
        }
        assertEquals(30, ids.size());
        assertTrue(polls > 1, "one answer had all");
    }

    @Test
    void poll_leavesNoConnectionBehind() {
        poll("channels=p.6");
        NodeServer.await("no poll", () -> polls() == 0);
    }

    @Test
    void poll_withAWrongRequest_isRefused() {
        String[] bearer = NodeServer.bearer(server.token("ann", "p.*"));
        assertProblem(401, "unauthorized", server.get("/channels/poll?channels=p.1"));
        assertProblem(403, "forbidden", server.get("/channels/poll?channels=q", bearer));
        assertProblem(400, "invalid_request", server.get("/channels/poll?channels=p.1&wait=61", bearer));
        assertProblem(400, "invalid_request", server.get("/channels/poll?channels=p.1&wait=x", bearer));
    }
}
