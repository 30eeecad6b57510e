package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The native WebSocket protocol against the JDK's client. */
class WebSocketTest {
    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static WsClient open(String query, String... channels) {
        return server.webSocket("?token=" + server.token("ann", channels) + query);
    }

    @Test
    void open_withChannels_saysConnectionChannelsAndCursor() {
        try (WsClient client = open("&channels=news,sports.*", "**")) {
            JsonNode open = client.next("open");
            assertTrue(open.get("connection").asText().matches("[0-9]+\\.[0-9]+"));
            assertEquals(NodeServer.json("[\"news\",\"sports.*\"]"), open.get("channels"));
            assertFalse(open.get("resumed").asBoolean());
            assertFalse(open.get("cursor").asText().isEmpty());
            String id = server.publish("news", "{\"a\":1}");
            JsonNode message = client.next("message");
            assertEquals(id, message.get("id").asText());
            assertEquals("news", message.get("channel").asText());
            assertEquals(1, message.get("data").get("a").asInt());
            assertFalse(message.has("cursor"));
        }
    }

    @Test
    void token_asSubprotocol_isTakenAndPushyIsAgreedOn() {
        try (WsClient client = server.webSocket("?channels=a", "pushy.v1", "bearer." + server.token("ann", "a"))) {
            client.opened();
            assertEquals("pushy.v1", client.subprotocol());
        }
    }

    @Test
    void token_inTheFirstFrame_opens() {
        try (WsClient client = server.webSocket("?channels=a.1")) {
            client.send("{\"type\":\"auth\",\"token\":\"" + server.token("ann", "a.*") + "\"}");
            // Sent before the answer: it waits its turn.
            client.send("{\"type\":\"subscribe\",\"channels\":[\"a.2\"],\"ref\":\"x\"}");
            assertEquals(NodeServer.json("[\"a.1\"]"), client.next("open").get("channels"));
            JsonNode subscribed = client.next("subscribed");
            assertEquals("x", subscribed.get("ref").asText());
            assertEquals(NodeServer.json("[\"a.2\"]"), subscribed.get("channels"));
        }
    }

    @Test
    void token_thatDoesNotCome_endsWith4408() {
        try (NodeServer hasty = new NodeServer(node -> node, settings -> settings.authTimeout(Duration.ofMillis(500)));
                WsClient client = hasty.webSocket("")) {
            client.error("auth_timeout");
            assertEquals(4408, client.closeCode());
        }
    }

    @Test
    void token_thatIsNotGood_endsWith4401() {
        try (WsClient client = server.webSocket("?token=x.y.z")) {
            client.error("unauthorized");
            assertEquals(4401, client.closeCode());
        }
        try (WsClient client = server.webSocket("")) {
            client.send("{\"type\":\"auth\",\"token\":\"x\",\"ref\":1}");
            assertEquals(1, client.error("unauthorized").get("ref").asInt());
            assertEquals(4401, client.closeCode());
        }
        try (WsClient client = server.webSocket("")) {
            client.send("{\"type\":\"subscribe\",\"channels\":[\"a\"]}");
            client.error("unauthorized");
            assertEquals(4401, client.closeCode());
        }
    }

    @Test
    void channels_beyondTheToken_endWith4403() {
        try (WsClient client = open("&channels=a.**", "a.*")) {
            assertTrue(client.error("forbidden").get("message").asText().contains("a.**"));
            assertEquals(4403, client.closeCode());
        }
        try (WsClient client = open("&channels=a..b", "**")) {
            client.error("invalid_channel");
            assertEquals(4400, client.closeCode());
        }
    }

    @Test
    void subscribe_andUnsubscribe_changeWhatComes() {
        try (WsClient client = open("", "s.*")) {
            assertEquals(0, client.next("open").get("channels").size());
            client.send("{\"type\":\"subscribe\",\"channels\":[\"s.*\"],\"ref\":1}");
            JsonNode subscribed = client.next("subscribed");
            assertEquals(1, subscribed.get("ref").asInt());
            assertFalse(subscribed.get("cursor").asText().isEmpty());
            server.publish("s.1", "1");
            assertEquals(1, client.next("message").get("data").asInt());
            client.send("{\"type\":\"unsubscribe\",\"channels\":[\"s.*\"]}");
            assertFalse(client.next("unsubscribed").has("ref"));
            server.publish("s.1", "2");
            client.send("{\"type\":\"ping\"}");
            client.next("pong");
        }
    }

    @Test
    void subscribe_withSince_replaysWithoutMovingTheCursor() {
        String from = server.publish("h.1", "0");
        server.publish("h.1", "1");
        server.publish("h.1", "2");
        try (WsClient client = open("&channels=other", "**")) {
            client.opened();
            client.send("{\"type\":\"subscribe\",\"channels\":[\"h.1\"],\"since\":\"" + from + "\"}");
            for (int i = 1; i <= 2; i++) {
                JsonNode message = client.next("message");
                assertEquals(i, message.get("data").asInt());
                assertTrue(message.has("since"), message.toString());
                assertFalse(message.has("cursor"), message.toString());
            }
            JsonNode subscribed = client.next("subscribed");
            assertFalse(subscribed.has("since_ignored"));
        }
    }

    @Test
    void resume_byQuery_replaysWhatWasMissed() {
        String from = server.publish("q.1", "0");
        server.publish("q.1", "1");
        try (WsClient client = open("&channels=q.1&since=" + from, "**")) {
            assertEquals(1, client.next("message").get("data").asInt());
            assertTrue(client.next("open").get("resumed").asBoolean());
        }
        try (WsClient client = open("&channels=q.1&since=unknown", "**")) {
            assertEquals("reset", client.next("gap").get("reason").asText());
            client.next("message");
            client.next("message");
            assertEquals("checkpoint", client.next().get("type").asText());
            assertFalse(client.next("open").get("resumed").asBoolean());
        }
    }

    @Test
    void publish_fromAClient_comesBackUnlessItDoesNotWantIt() {
        try (WsClient client = open("&channels=chat.1", "chat.*")) {
            client.opened();
            client.send("{\"type\":\"publish\",\"channel\":\"chat.1\",\"data\":1,\"echo\":false,\"ref\":1}");
            JsonNode published = client.next("published");
            assertEquals(1, published.get("ref").asInt());
            client.send("{\"type\":\"publish\",\"channel\":\"chat.1\",\"event\":\"typing\",\"data\":[ 2 ],\"ref\":2}");
            JsonNode one = client.next();
            JsonNode two = client.next();
            boolean messageFirst = one.get("type").asText().equals("message");
            JsonNode message = messageFirst ? one : two;
            JsonNode answer = messageFirst ? two : one;
            assertEquals(answer.get("id"), message.get("id"));
            assertEquals("typing", message.get("event").asText());
            assertEquals(NodeServer.json("[2]"), message.get("data"));
        }
    }

    @Test
    void publish_withTheSameKey_saysThatItIsADuplicate() {
        try (WsClient client = open("", "chat.*")) {
            client.opened();
            String publish = "{\"type\":\"publish\",\"channel\":\"chat.k\",\"data\":1,\"key\":\"once\"}";
            String id = client.send(publish).next("published").get("id").asText();
            JsonNode again = client.send(publish).next("published");
            assertEquals(id, again.get("id").asText());
            assertTrue(again.get("duplicate").asBoolean());
        }
    }

    @Test
    void requests_thatAreWrong_areAnsweredWithTheirFault() {
        String[][] wrong = {
            {"{\"type\":\"publish\",\"channel\":\"c.1\",\"ref\":5}", "missing_data"},
            {"{\"type\":\"publish\",\"channel\":\"d\",\"data\":1,\"ref\":5}", "forbidden"},
            {"{\"type\":\"publish\",\"channel\":\"readonly.1\",\"data\":1,\"ref\":5}", "forbidden"},
            {"{\"type\":\"publish\",\"channel\":\"c 1\",\"data\":1,\"ref\":5}", "invalid_channel"},
            {"{\"type\":\"publish\",\"data\":1,\"ref\":5}", "invalid_request"},
            {"{\"type\":\"publish\",\"channel\":\"c.1\",\"data\":1,\"event\":\"pusher:x\",\"ref\":5}", "invalid_event"},
            {"{\"type\":\"publish\",\"channel\":\"c.1\",\"data\":1,\"event\":\"client-x\",\"ref\":5}", "invalid_event"},
            {"{\"type\":\"publish\",\"channel\":\"small.1\",\"data\":\"" + "x".repeat(30) + "\",\"ref\":5}", "too_large"
            },
            {"{\"type\":\"subscribe\",\"ref\":5}", "invalid_request"},
            {"{\"type\":\"subscribe\",\"channels\":\"c.1\",\"ref\":5}", "invalid_request"},
            {"{\"type\":\"subscribe\",\"channels\":[],\"ref\":5}", "invalid_request"},
            {"{\"type\":\"subscribe\",\"channels\":[\"c.**\"],\"ref\":5}", "forbidden"},
            {"{\"type\":\"subscribe\",\"channels\":[\"c.x*\"],\"ref\":5}", "invalid_channel"},
            {"{\"type\":\"presence\",\"channel\":\"c.1\",\"ref\":5}", "not_found"},
            {"{\"type\":\"presence\",\"channel\":\"room\",\"ref\":5}", "forbidden"},
            {"{\"type\":\"history\",\"channel\":\"c.1\",\"limit\":0,\"ref\":5}", "invalid_request"},
            {"{\"type\":\"history\",\"channel\":\"d\",\"ref\":5}", "forbidden"},
            {"{\"type\":\"auth\",\"ref\":5}", "invalid_request"},
            {"{\"type\":\"dance\",\"ref\":5}", "invalid_request"},
            {"{\"type\":\"ping\",\"ref\":\"" + "r".repeat(300) + "\"}", "invalid_request"},
        };
        try (WsClient client = open("", "c.*", "readonly.*", "small.*")) {
            client.opened();
            for (String[] each : wrong) {
                JsonNode error = client.send(each[0]).error(each[1]);
                assertTrue(each[0].contains("ping") || error.get("ref").asInt() == 5, error.toString());
            }
            client.send("{\"type\":\"ping\",\"ref\":{\"a\":1}}");
            assertEquals(1, client.next("pong").get("ref").get("a").asInt());
        }
    }

    @Test
    void subscriptions_beyondTheLimit_areRefusedAlsoWhenAskedForAtOnce() {
        try (WsClient client = open("", "**")) {
            client.opened();
            for (int i = 0; i < 3; i++) {
                StringBuilder channels = new StringBuilder("\"m.0\"");
                for (int c = 1; c < 10; c++) {
                    channels.append(",\"m.").append(i * 9 + c).append('"');
                }
                client.send("{\"type\":\"subscribe\",\"channels\":[" + channels + "]}");
            }
            int subscribed = 0;
            int refused = 0;
            for (int i = 0; i < 3; i++) {
                JsonNode answer = client.next();
                subscribed += answer.get("type").asText().equals("subscribed") ? 1 : 0;
                refused += answer.path("code").asText().equals("too_many_subscriptions") ? 1 : 0;
            }
            assertEquals(2, subscribed);
            assertEquals(1, refused);
        }
    }

    @Test
    void malformedTexts_tenInARow_endWith4400() {
        List<String> malformed = List.of("", "{", "[]", "{\"type\":7}", "{\"type\":\"\"}", "nonsense");
        try (WsClient client = open("", "a")) {
            client.opened();
            for (int i = 0; i < 9; i++) {
                client.send(malformed.get(i % malformed.size())).next("error");
            }
            client.send("{\"type\":\"ping\"}").next("pong");
            for (int i = 0; i < 9; i++) {
                client.send("{").error("invalid_json");
            }
            client.send("{").error("invalid_json");
            assertEquals(4400, client.closeCode());
        }
    }

    @Test
    void deepJson_isMalformed() {
        try (WsClient client = open("", "a")) {
            client.opened();
            client.send("{\"type\":\"publish\",\"channel\":\"a\",\"data\":" + "[".repeat(70) + "]".repeat(70) + "}")
                    .error("invalid_json");
            client.send("{\"type\":\"publish\",\"channel\":\"a\",\"data\":" + "[".repeat(64) + "]".repeat(64) + "}")
                    .next("published");
        }
    }

    @Test
    void binaryMessage_endsWith1003() {
        try (WsClient client = open("", "a")) {
            client.opened();
            client.sendBinary(new byte[] {1, 2, 3});
            client.error("invalid_request");
            assertEquals(1003, client.closeCode());
        }
    }

    @Test
    void presence_tellsMembersAndWhoComesAndGoes() {
        try (WsClient watcher = open("&channels=room.1", "room.*")) {
            watcher.opened();
            JsonNode joined = watcher.next("join");
            assertEquals("ann", joined.get("member").get("subject").asText());
            WsClient bob = server.webSocket("?channels=room.1&token=" + server.token("bob", "room.*"));
            bob.opened();
            assertEquals(
                    "bob", watcher.next("join").get("member").get("subject").asText());
            watcher.send("{\"type\":\"presence\",\"channel\":\"room.1\",\"ref\":9}");
            JsonNode members = watcher.next("members");
            assertEquals(2, members.get("count").asInt());
            assertEquals(2, members.get("members").size());
            assertEquals(9, members.get("ref").asInt());
            bob.close();
            assertEquals(
                    "bob", watcher.next("leave").get("member").get("subject").asText());
        }
    }

    @Test
    void history_answersAsOverHttp() {
        server.publish("hist.1", "1");
        server.publish("hist.1", "2");
        try (WsClient client = open("", "hist.*")) {
            client.opened();
            client.send("{\"type\":\"history\",\"channel\":\"hist.1\",\"limit\":1,\"ref\":3}");
            JsonNode page = client.next("history");
            assertEquals(1, page.get("messages").size());
            assertFalse(page.get("complete").asBoolean());
            client.send("{\"type\":\"history\",\"channel\":\"hist.1\",\"since\":\""
                    + page.get("cursor").asText() + "\"}");
            JsonNode rest = client.next("history");
            assertEquals(2, rest.get("messages").get(0).get("data").asInt());
            assertTrue(rest.get("complete").asBoolean());
        }
    }

    @Test
    void history_askedManyTimesAtOnce_isAnsweredEachTime() {
        String text = "\"" + "x".repeat(10_000) + "\"";
        for (int i = 0; i < 20; i++) {
            server.publish("long.1", text);
        }
        try (WsClient client = open("&channels=c.1", "**")) {
            client.opened();
            for (int i = 0; i < 40; i++) {
                client.send("{\"type\":\"history\",\"channel\":\"long.1\",\"ref\":" + i + "}");
            }
            for (int i = 0; i < 40; i++) {
                assertEquals(i, client.next("history").get("ref").asInt());
            }
        }
    }

    @Test
    void history_biggerThanTheBacklog_comesInParts() {
        String data = "\"" + "x".repeat(50_000) + "\"";
        for (int i = 0; i < 15; i++) {
            server.publish("fat.1", data);
        }
        try (WsClient client = open("", "fat.*")) {
            client.opened();
            int seen = 0;
            String since = "";
            for (int i = 0; i < 15 && seen < 15; i++) {
                client.send("{\"type\":\"history\",\"channel\":\"fat.1\",\"limit\":100,\"since\":\"" + since + "\"}");
                JsonNode page = client.next("history");
                seen += page.get("messages").size();
                since = page.get("cursor").asText();
                assertEquals(seen == 15, page.get("complete").asBoolean());
            }
            assertEquals(15, seen);
        }
    }

    @Test
    void newToken_onAnOpenConnection_replacesTheOld() {
        try (WsClient client = open("&channels=t.1", "t.1")) {
            client.opened();
            client.send("{\"type\":\"subscribe\",\"channels\":[\"t.2\"]}").error("forbidden");
            client.send("{\"type\":\"auth\",\"token\":\"" + server.token("ann", "t.2") + "\",\"ref\":1}");
            client.send("{\"type\":\"subscribe\",\"channels\":[\"t.2\"],\"ref\":2}");
            assertEquals(1, client.next("authenticated").get("ref").asInt());
            assertEquals(
                    NodeServer.json("[\"t.1\"]"), client.next("unsubscribed").get("channels"));
            assertEquals(2, client.next("subscribed").get("ref").asInt());
            client.send("{\"type\":\"auth\",\"token\":\"" + server.token("bob", "t.2") + "\"}")
                    .error("forbidden");
            client.send("{\"type\":\"auth\",\"token\":\"nonsense\"}").error("unauthorized");
            client.send("{\"type\":\"ping\"}").next("pong");
        }
    }

    @Test
    void token_thatExpires_warnsAndEndsWith4401() {
        try (NodeServer quick = new NodeServer(
                node -> node.tokens(new StreamTest.ShortTokens()), settings -> settings.tokenLeeway(Duration.ZERO))) {
            try (WsClient client = quick.webSocket("?token=25")) {
                client.opened();
                client.next("token_expiring");
                client.send("{\"type\":\"auth\",\"token\":\"2\"}").next("authenticated");
                client.next("token_expiring");
                client.error("token_expired");
                assertEquals(4401, client.closeCode());
            }
        }
    }

    @Test
    void revokedToken_endsWith4403() {
        try (WsClient client = server.webSocket("?token=" + server.token("banned", "a"))) {
            client.opened();
            server.post("/revoke", "{\"sub\":\"banned\"}", NodeServer.publisher());
            client.error("revoked");
            assertEquals(4403, client.closeCode());
        }
    }

    @Test
    void drain_saysWhenToComeBackAndEndsWith1001() {
        try (NodeServer stopping = new NodeServer()) {
            try (WsClient client = stopping.webSocket("?token=" + stopping.token("ann", "a"))) {
                client.opened();
                stopping.handler.drain(Duration.ofSeconds(2));
                assertTrue(client.next("reconnect").get("after").asLong() < 2_000);
                assertEquals(1001, client.closeCode());
            }
        }
    }

    @Test
    void quietConnection_getsACheckpoint() {
        try (NodeServer quick = new NodeServer(node -> node, settings -> settings.ping(Duration.ofSeconds(1)))) {
            try (WsClient client = quick.webSocket("?channels=a&token=" + quick.token("ann", "a"))) {
                client.opened();
                String cursor = quick.publish("b", "1");
                JsonNode checkpoint = client.next("checkpoint");
                for (int i = 0; i < 20 && !checkpoint.get("cursor").asText().equals(cursor); i++) {
                    checkpoint = client.next("checkpoint");
                }
                assertEquals(cursor, checkpoint.get("cursor").asText());
            }
        }
    }

    @Test
    void malformedTarget_isNotUpgraded() {
        Assertions.assertThrows(CompletionException.class, () -> server.webSocket("?token=a&token=b"));
    }

    @Test
    void manyRequestsAtOnce_areAllAnsweredInOrder() {
        try (WsClient client = open("", "c.*")) {
            client.opened();
            for (int i = 0; i < 500; i++) {
                client.send("{\"type\":\"publish\",\"channel\":\"c.1\",\"data\":" + i + ",\"ref\":" + i + "}");
            }
            for (int i = 0; i < 500; i++) {
                assertEquals(i, client.next("published").get("ref").asInt());
            }
            JsonNode messages = server.get("/history/c.1?limit=1000", NodeServer.publisher())
                    .json()
                    .get("messages");
            for (int i = 0; i < 500; i++) {
                assertEquals(i, messages.get(i).get("data").asInt());
            }
        }
    }
}
