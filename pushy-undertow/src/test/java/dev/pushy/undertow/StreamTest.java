package dev.pushy.undertow;

import static dev.pushy.undertow.PublishTest.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.undertow.NodeServer.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Native SSE streams from the request to the block, read by the JDK's client. */
class StreamTest {
    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static SseClient open(String query, String... channels) {
        return server.stream(query, NodeServer.bearer(server.token("ann", channels)));
    }

    private static JsonNode data(SseClient.Block block) {
        return NodeServer.json(block.data());
    }

    @Test
    void stream_begins_withRetryCheckpointAndOpen() {
        try (SseClient stream = open("?channels=news,sports.*", "news", "sports.**")) {
            assertEquals(200, stream.response.statusCode());
            assertEquals(
                    "text/event-stream; charset=utf-8",
                    stream.response.headers().firstValue("Content-Type").orElseThrow());
            assertEquals(
                    "no-cache, no-transform",
                    stream.response.headers().firstValue("Cache-Control").orElseThrow());
            assertEquals(
                    "no",
                    stream.response.headers().firstValue("X-Accel-Buffering").orElseThrow());
            assertNull(stream.block().data());
            SseClient.Block checkpoint = stream.block();
            assertNull(checkpoint.data());
            assertFalse(checkpoint.id().isEmpty());
            SseClient.Block open = stream.block();
            assertEquals("pushy:open", open.event());
            assertNull(open.id());
            assertEquals(NodeServer.json("[\"news\",\"sports.*\"]"), data(open).get("channels"));
            assertFalse(data(open).get("resumed").asBoolean());
            assertTrue(data(open).get("connection").asText().matches("[0-9]+\\.[0-9]+"));
        }
    }

    @Test
    void stream_withoutChannels_hasAllOfItsToken() {
        try (SseClient stream = open("", "news", "sports.*")) {
            assertEquals(
                    NodeServer.json("[\"news\",\"sports.*\"]"),
                    data(stream.event("pushy:open")).get("channels"));
        }
    }

    @Test
    void message_published_comesOnceHoweverManySubscriptionsMatch() {
        try (SseClient stream = open("?channels=a.1&channels=a.*,**&channel=a.2", "**")) {
            stream.opened();
            String id = server.publish("a.1", "{\"title\":\"Ü\"}");
            SseClient.Block message = stream.event();
            assertNull(message.event());
            assertEquals(id, message.id());
            assertEquals(id, data(message).get("id").asText());
            assertEquals("a.1", data(message).get("channel").asText());
            assertEquals("Ü", data(message).get("data").get("title").asText());
            assertTrue(Math.abs(data(message).get("time").asLong() - System.currentTimeMillis()) < 60_000);
            server.publish("a.2", "2");
            assertEquals("a.2", data(stream.event()).get("channel").asText());
        }
    }

    @Test
    void event_withAName_hasAnEventLineUnlessTheBrowserKnowsIt() {
        try (SseClient stream = open("?channels=named", "named")) {
            stream.opened();
            for (String name : List.of("score", "error", "open", "message")) {
                server.post("/publish/named", "{\"data\":1,\"event\":\"" + name + "\"}", NodeServer.publisher());
            }
            SseClient.Block score = stream.event();
            assertEquals("score", score.event());
            assertEquals("score", data(score).get("event").asText());
            SseClient.Block error = stream.event();
            assertNull(error.event());
            assertEquals("error", data(error).get("event").asText());
            assertEquals("open", data(stream.event()).get("event").asText());
            assertFalse(data(stream.event()).has("event"));
        }
    }

    @Test
    void data_onSeveralLines_staysOneBlock() {
        try (SseClient stream = open("?channels=lines", "lines")) {
            stream.opened();
            server.publish("lines", "{\r\n \"a\":\n1\r}");
            assertEquals(1, data(stream.event()).get("data").get("a").asInt());
        }
    }

    @Test
    void stream_resumed_getsWhatItMissedFirst() {
        String lastId;
        try (SseClient stream = open("?channels=r.*", "r.*")) {
            stream.opened();
            server.publish("r.1", "0");
            lastId = stream.event().id();
        }
        server.publish("r.1", "1");
        server.publish("other", "0");
        server.publish("r.2", "2");
        String[] bearer = NodeServer.bearer(server.token("ann", "r.*"));
        for (String[] headers : List.of(new String[] {bearer[0], bearer[1], "Last-Event-ID", lastId}, bearer)) {
            String query = headers.length == 2 ? "&last_event_id=" + lastId + "&since=now" : "&last_event_id=zzz";
            try (SseClient stream = server.stream("?channels=r.*" + query, headers)) {
                assertEquals(1, data(stream.event()).get("data").asInt());
                assertEquals(2, data(stream.event()).get("data").asInt());
                assertTrue(data(stream.event("pushy:open")).get("resumed").asBoolean());
                assertFalse(stream.lastEventId().isEmpty());
            }
        }
    }

    @Test
    void since_relative_getsTheNewest() {
        server.publish("s.1", "1");
        server.publish("s.1", "2");
        try (SseClient stream = open("?channels=s.1&since=last:1", "s.*")) {
            assertEquals(2, data(stream.event()).get("data").asInt());
            stream.opened();
        }
        try (SseClient stream = open("?channels=s.1&since=10m", "s.*")) {
            assertEquals(1, data(stream.event()).get("data").asInt());
            assertEquals(2, data(stream.event()).get("data").asInt());
            stream.opened();
        }
    }

    @Test
    void cursor_thatNobodyKnows_isAGapAndNoError() {
        server.publish("g.1", "1");
        try (SseClient stream = open("?channels=g.1&since=no-cursor", "g.*")) {
            SseClient.Block gap = stream.event("pushy:gap");
            assertNull(gap.id());
            assertEquals("reset", data(gap).get("reason").asText());
            assertEquals(NodeServer.json("[\"g.1\"]"), data(gap).get("channels"));
            assertEquals(1, data(stream.event()).get("data").asInt());
            assertFalse(data(stream.event("pushy:open")).get("resumed").asBoolean());
        }
    }

    @Test
    void stream_notCoveredByTheToken_isForbiddenByName() {
        String[] bearer = NodeServer.bearer(server.token("ann", "news.*"));
        for (String channels : List.of("news.**", "news", "**", "*", "other.x")) {
            Answer answer = server.get("/channels/stream?channels=news.a," + channels, bearer);
            assertProblem(403, "forbidden", answer);
            assertTrue(answer.body().contains("subscribe to " + channels), answer.body());
            assertFalse(answer.body().contains("news.a,"), answer.body());
        }
    }

    @Test
    void stream_withAWrongRequest_isRefused() {
        String[] bearer = NodeServer.bearer(server.token("ann", "**"));
        assertProblem(401, "unauthorized", server.get("/channels/stream?channels=a", "Accept", "text/event-stream"));
        assertProblem(400, "invalid_channel", server.get("/channels/stream?channels=new*", bearer));
        assertProblem(400, "invalid_channel", server.get("/channels/stream?channels=a..b", bearer));
        assertProblem(400, "invalid_channel", server.get("/channels/stream?channels=", bearer));
        assertProblem(400, "invalid_channel", server.get("/channels/stream?channels=a,,b", bearer));
        StringBuilder many = new StringBuilder("a");
        for (int i = 0; i < 20; i++) {
            many.append(",a").append(i);
        }
        assertProblem(400, "too_many_subscriptions", server.get("/channels/stream?channels=" + many, bearer));
        assertProblem(
                400, "too_many_subscriptions", server.get("/channels/stream?channels=a.*,b.*,c.*,d.*,e.*,f.*", bearer));
    }

    @Test
    void change_ofAnOpenStream_isToldInItsPlace() {
        String token = server.token("changer", "c.*");
        String[] bearer = NodeServer.bearer(token);
        try (SseClient stream = server.stream("?channels=c.1", bearer)) {
            String id = data(stream.event("pushy:open")).get("connection").asText();
            Answer changed = server.post(
                    "/channels/stream/" + id, "{\"subscribe\":[\"c.2\"],\"unsubscribe\":[\"c.1\"]}", bearer);
            assertEquals(202, changed.status(), changed.body());
            assertEquals(
                    NodeServer.json("[\"c.1\"]"),
                    data(stream.event("pushy:unsubscribed")).get("channels"));
            assertEquals(
                    NodeServer.json("[\"c.2\"]"),
                    data(stream.event("pushy:subscribed")).get("channels"));
            server.publish("c.1", "1");
            server.publish("c.2", "2");
            assertEquals("c.2", data(stream.event()).get("channel").asText());
        }
    }

    @Test
    void change_withNumbers_isMadeInTheirOrderAndOnce() {
        String[] bearer = NodeServer.bearer(server.token("counter", "c.*"));
        try (SseClient stream = server.stream("?channels=c.1", bearer)) {
            String id = data(stream.event("pushy:open")).get("connection").asText();
            String path = "/channels/stream/" + id;
            for (String body : List.of(
                    "{\"subscribe\":[\"c.3\"],\"number\":2}",
                    "{\"subscribe\":[\"c.2\"],\"number\":1}",
                    "{\"unsubscribe\":[\"c.3\"],\"number\":2}",
                    "{\"subscribe\":[\"c.4\"],\"number\":3}")) {
                assertEquals(202, server.post(path, body, bearer).status());
            }
            for (String expected : List.of("[\"c.2\"]", "[\"c.3\"]", "[\"c.4\"]")) {
                assertEquals(
                        NodeServer.json(expected),
                        data(stream.event("pushy:subscribed")).get("channels"));
            }
            server.publish("c.3", "1");
            assertEquals("c.3", data(stream.event()).get("channel").asText());
            assertProblem(400, "invalid_request", server.post(path, "{\"subscribe\":[\"c.5\"],\"number\":0}", bearer));
        }
    }

    @Test
    void change_thatIsNotAllowed_isRefused() {
        String[] bearer = NodeServer.bearer(server.token("owner", "c.*"));
        try (SseClient stream = server.stream("?channels=c.1", bearer)) {
            String id = data(stream.event("pushy:open")).get("connection").asText();
            String path = "/channels/stream/" + id;
            assertProblem(403, "forbidden", server.post(path, "{\"subscribe\":[\"d.1\"]}", bearer));
            assertProblem(400, "invalid_request", server.post(path, "{}", bearer));
            assertProblem(400, "invalid_channel", server.post(path, "{\"subscribe\":[\"c..1\"]}", bearer));
            assertProblem(400, "invalid_request", server.post(path, "{\"subscribe\":\"c.1\"}", bearer));
            assertProblem(401, "unauthorized", server.post(path, "{\"subscribe\":[\"c.2\"]}"));
            assertProblem(404, "not_found", server.post("/channels/stream/x", "{}", bearer));
            assertProblem(
                    403,
                    "forbidden",
                    server.post(path, "{\"token\":\"" + server.token("thief", "c.*") + "\"}", bearer));
            // Another subject's request is taken, since the stream may be on another node, and changes nothing.
            String[] thief = NodeServer.bearer(server.token("thief", "c.*"));
            assertEquals(
                    202, server.post(path, "{\"subscribe\":[\"c.9\"]}", thief).status());
            assertEquals(
                    202, server.post(path, "{\"subscribe\":[\"c.2\"]}", bearer).status());
            assertEquals(
                    NodeServer.json("[\"c.2\"]"),
                    data(stream.event("pushy:subscribed")).get("channels"));
        }
        assertProblem(
                404,
                "not_found",
                server.post(
                        "/channels/stream/" + server.pushy.hub().newConnectionId(),
                        "{\"subscribe\":[\"c.2\"]}",
                        bearer));
    }

    @Test
    void newToken_forAnOpenStream_dropsWhatItDoesNotAllow() {
        String[] bearer = NodeServer.bearer(server.token("renew", "n.1", "n.2"));
        try (SseClient stream = server.stream("?channels=n.1,n.2", bearer)) {
            String id = data(stream.event("pushy:open")).get("connection").asText();
            String narrower = server.token("renew", "n.2", "n.3");
            Answer changed =
                    server.post("/channels/stream/" + id, "{\"token\":\"" + narrower + "\",\"subscribe\":[\"n.3\"]}");
            assertEquals(202, changed.status(), changed.body());
            assertEquals(
                    NodeServer.json("[\"n.1\"]"),
                    data(stream.event("pushy:unsubscribed")).get("channels"));
            assertEquals(
                    NodeServer.json("[\"n.3\"]"),
                    data(stream.event("pushy:subscribed")).get("channels"));
        }
    }

    @Test
    void token_thatExpires_warnsAndEndsTheStream() {
        try (NodeServer quick = new NodeServer(
                node -> node.tokens(new ShortTokens()), settings -> settings.tokenLeeway(Duration.ZERO))) {
            try (SseClient stream = quick.stream("?channels=a", NodeServer.bearer("4"))) {
                stream.event("pushy:open");
                JsonNode expiring = data(stream.event("pushy:token_expiring"));
                assertTrue(expiring.get("expires_at").asLong() > Instant.now().getEpochSecond() - 5);
                assertEquals(
                        "token_expired",
                        data(stream.event("pushy:error")).get("code").asText());
                assertEquals(List.of(), stream.untilEnd());
            }
        }
    }

    /** Tokens that are the seconds that they live. */
    static final class ShortTokens implements dev.pushy.core.TokenService {
        @Override
        public Grant verify(String token) {
            long expiresAt = Instant.now().getEpochSecond() + Long.parseLong(token);
            List<ChannelPattern> all = List.of(ChannelPattern.of("**"));
            return new Grant("default", "ann", all, all, "null", null, null, expiresAt);
        }

        @Override
        public String issue(Grant grant) {
            throw new UnsupportedOperationException("made by hand");
        }
    }

    @Test
    void revoked_token_endsTheStreamAtOnce() {
        try (SseClient stream = server.stream("?channels=a", NodeServer.bearer(server.token("gone", "a")))) {
            stream.opened();
            server.post("/revoke", "{\"sub\":\"gone\"}", NodeServer.publisher());
            assertEquals(
                    "revoked", data(stream.event("pushy:error")).get("code").asText());
            assertEquals(List.of(), stream.untilEnd());
        }
    }

    @Test
    void disconnect_byConnectionOrSubject_endsTheStream() {
        for (String what : List.of("connection", "sub")) {
            try (SseClient stream = server.stream("?channels=a", NodeServer.bearer(server.token("off-" + what, "a")))) {
                String id = data(stream.event("pushy:open")).get("connection").asText();
                String value = what.equals("sub") ? "off-sub" : id;
                Answer answer =
                        server.post("/disconnect", "{\"" + what + "\":\"" + value + "\"}", NodeServer.publisher());
                assertEquals(200, answer.status(), answer.body());
                stream.event("pushy:error");
                assertEquals(List.of(), stream.untilEnd());
            }
        }
        assertProblem(400, "invalid_request", server.post("/disconnect", "{}", NodeServer.publisher()));
        assertProblem(401, "unauthorized", server.post("/disconnect", "{\"sub\":\"a\"}"));
    }

    @Test
    void quietStream_getsHeartbeatsWithCheckpoints() {
        try (NodeServer quick = new NodeServer(
                node -> node, settings -> settings.streams(Duration.ofMillis(200), Duration.ofHours(1)))) {
            try (SseClient stream = quick.stream("?channels=a", NodeServer.bearer(quick.token("ann", "a")))) {
                stream.opened();
                quick.publish("b", "1");
                String cursor = quick.publish("b", "2");
                for (int i = 0; i < 50 && !stream.lastEventId().equals(cursor); i++) {
                    assertNull(stream.block().data());
                }
                assertEquals(cursor, stream.lastEventId());
            }
        }
    }

    @Test
    void oldStream_endsWithoutAnError() {
        try (NodeServer quick = new NodeServer(
                node -> node, settings -> settings.streams(Duration.ofMillis(200), Duration.ofMillis(500)))) {
            try (SseClient stream = quick.stream("?channels=a", NodeServer.bearer(quick.token("ann", "a")))) {
                stream.opened();
                assertTrue(stream.untilEnd().stream().allMatch(block -> block.data() == null));
            }
        }
    }

    @Test
    void drain_sendsClientsAwayAndRefusesNewOnesSoftly() throws Exception {
        try (NodeServer stopping = new NodeServer()) {
            String[] bearer = NodeServer.bearer(stopping.token("ann", "a"));
            SseClient stream = stopping.stream("?channels=a", bearer).opened();
            stopping.handler.drain(Duration.ofSeconds(3)).toCompletableFuture().get(10, TimeUnit.SECONDS);
            JsonNode reconnect = data(stream.event("pushy:reconnect"));
            assertTrue(reconnect.get("after").asLong() < 3_000);
            assertEquals(List.of(), stream.untilEnd());
            Answer refused =
                    stopping.get("/channels/stream?channels=a", bearer[0], bearer[1], "Accept", "text/event-stream");
            assertEquals(200, refused.status());
            assertTrue(refused.body().matches("retry: [0-9]{4}\n\n"), refused.body());
            assertEquals("text/event-stream; charset=utf-8", refused.header("Content-Type"));
            Answer plain = stopping.get("/channels/stream?channels=a", bearer);
            assertProblem(503, "draining", plain);
            assertEquals("1", plain.header("Retry-After"));
            assertEquals(
                    1001, stopping.webSocket("?token=" + bearer[1].substring(7)).closeCode());
            assertTrue(stopping.publish("a", "1").startsWith("a"));
        }
    }

    @Test
    void except_leavesOutOneConnection() {
        try (SseClient one = open("?channels=x", "x");
                SseClient two = open("?channels=x", "x")) {
            String id = data(one.event("pushy:open")).get("connection").asText();
            two.opened();
            server.post("/publish/x", "{\"data\":1,\"except\":\"" + id + "\"}", NodeServer.publisher());
            server.publish("x", "2");
            assertEquals(2, data(one.event()).get("data").asInt());
            assertEquals(1, data(two.event()).get("data").asInt());
        }
    }
}
