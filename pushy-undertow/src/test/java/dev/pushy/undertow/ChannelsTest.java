package dev.pushy.undertow;

import static dev.pushy.undertow.PublishTest.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.undertow.NodeServer.Answer;
import java.net.URI;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Presence, history and occupied channels over HTTP. */
@SuppressWarnings("try") // Streams that are there, and nothing more.
class ChannelsTest {
    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode get(String path) {
        Answer answer = server.get(path, NodeServer.publisher());
        assertEquals(200, answer.status(), answer.body());
        return answer.json();
    }

    private static SseClient subscriber(String subject, String channel) {
        return server.stream("?channels=" + channel, NodeServer.bearer(server.token(subject, channel)))
                .opened();
    }

    private static JsonNode ann() {
        JsonNode members = get("/presence/room.a").get("members");
        return members.get(0).get("subject").asText().equals("ann") ? members.get(0) : members.get(1);
    }

    @Test
    void presence_countsSubjectsOnceHoweverManyConnections() {
        try (SseClient one = subscriber("ann", "room.a");
                SseClient two = subscriber("ann", "room.a");
                SseClient three = subscriber("bob", "room.a")) {
            NodeServer.await(
                    "two members", () -> get("/presence/room.a").get("count").asInt() == 2);
            NodeServer.await(
                    "two connections of one", () -> ann().get("connections").asInt() == 2);
            JsonNode ann = ann();
            assertTrue(ann.get("meta").isNull());
            JsonNode count = get("/presence/room.a?count=true");
            assertEquals(2, count.get("count").asInt());
            assertFalse(count.has("members"));
            assertEquals(
                    2,
                    server.get("/presence/room.a", NodeServer.bearer(server.token("eve", "room.*")))
                            .json()
                            .get("count")
                            .asInt());
        }
        NodeServer.await("nobody", () -> get("/presence/room.a").get("count").asInt() == 0);
    }

    @Test
    void presence_whereItIsOffOrNotAllowed_isRefused() {
        assertProblem(404, "not_found", server.get("/presence/news", NodeServer.publisher()));
        assertProblem(401, "unauthorized", server.get("/presence/room.a"));
        assertProblem(
                403, "forbidden", server.get("/presence/room.a", NodeServer.bearer(server.token("eve", "other"))));
        assertProblem(403, "forbidden", server.get("/presence/room.a", NodeServer.limited()));
        assertProblem(400, "invalid_request", server.get("/presence/room.a?count=7", NodeServer.publisher()));
        assertProblem(400, "invalid_channel", server.get("/presence/room*", NodeServer.publisher()));
    }

    @Test
    void history_isReadOnWithTheCursor() {
        for (int i = 0; i < 5; i++) {
            server.publish("past", String.valueOf(i));
        }
        JsonNode first = get("/history/past?limit=2");
        assertEquals(0, first.get("messages").get(0).get("data").asInt());
        assertFalse(first.get("complete").asBoolean());
        JsonNode rest = get("/history/past?since=" + first.get("cursor").asText());
        assertEquals(3, rest.get("messages").size());
        assertEquals(2, rest.get("messages").get(0).get("data").asInt());
        assertTrue(rest.get("complete").asBoolean());
        JsonNode newest = get("/history/past?limit=2&reverse=true");
        assertEquals(4, newest.get("messages").get(0).get("data").asInt());
        JsonNode unknown = get("/history/past?since=nonsense");
        assertEquals(5, unknown.get("messages").size());
        assertFalse(unknown.get("complete").asBoolean());
    }

    @Test
    void history_ofALiveOnlyChannel_isEmpty() {
        server.publish("live.1", "1");
        assertEquals(0, get("/history/live.1").get("messages").size());
    }

    @Test
    void history_ofTheMostMessages_stillIsBounded() {
        String data = "\"" + "x".repeat(60_000) + "\"";
        for (int i = 0; i < 160; i++) {
            server.publish("heavy", data);
        }
        Answer answer = server.get("/history/heavy?limit=1000", NodeServer.publisher());
        assertTrue(answer.body().length() < 9 << 20, answer.body().length() + " characters");
        assertFalse(answer.json().get("complete").asBoolean());
        String cursor = answer.json().get("cursor").asText();
        int rest =
                get("/history/heavy?limit=1000&since=" + cursor).get("messages").size();
        assertEquals(160, answer.json().get("messages").size() + rest);
    }

    @Test
    void channels_listsThoseThatAreOccupied() {
        try (SseClient one = subscriber("ann", "occ.a");
                SseClient two = subscriber("bob", "occ.a");
                SseClient three = subscriber("bob", "occ.b");
                SseClient four = subscriber("bob", "occ.*")) {
            NodeServer.await(
                    "two occupied channels",
                    () -> get("/channels?prefix=occ.").get("channels").size() == 2
                            && get("/channels/occ.a").get("subscribers").asInt() == 2);
            JsonNode channels = get("/channels?prefix=occ.").get("channels");
            assertEquals("occ.a", channels.get(0).get("channel").asText());
            assertEquals(2, channels.get(0).get("subscribers").asInt());
            assertEquals("occ.b", channels.get(1).get("channel").asText());
            JsonNode one1 = get("/channels/occ.a");
            assertTrue(one1.get("occupied").asBoolean());
            assertFalse(get("/channels/occ.none").get("occupied").asBoolean());
            assertEquals(
                    0,
                    server.get("/channels?prefix=occ.", NodeServer.limited())
                            .json()
                            .get("channels")
                            .size());
            assertEquals(
                    0,
                    server.get("/channels", "X-Client-ID", "shop", "X-Client-Secret", NodeServer.SHOP_SECRET)
                            .json()
                            .get("channels")
                            .size());
        }
        NodeServer.await(
                "no occupied channel",
                () -> get("/channels?prefix=occ.").get("channels").isEmpty());
    }

    @Test
    void channels_isForPublishersOnly() {
        String[] bearer = NodeServer.bearer(server.token("ann", "**"));
        assertProblem(401, "unauthorized", server.get("/channels", bearer));
        assertProblem(401, "unauthorized", server.get("/channels/a", bearer));
        assertProblem(403, "forbidden", server.get("/channels/a", NodeServer.limited()));
    }

    @Test
    void head_answersWithoutABody() {
        Answer answer = server.send(HttpRequest.newBuilder(URI.create(server.url("/history/a")))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .headers(NodeServer.publisher()));
        assertEquals(200, answer.status());
        assertEquals("", answer.body());
    }
}
