package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.MemoryNodes;
import dev.pushy.core.MemorySessions;
import dev.pushy.undertow.NodeServer.Answer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What belongs to a connection or a session on one node of two, asked of the other. */
@Timeout(120)
class ClusterTest {
    private static final PusherApiTest.Apps APPS =
            new PusherApiTest.Apps(List.of(PusherApps.app("1", "main").build()));
    private static final String JS = "?protocol=7&client=js&version=8.6.0";

    private final MemoryNodes nodes = new MemoryNodes();
    private final MemorySessions sessions = new MemorySessions();
    private NodeServer first;
    private NodeServer second;

    @BeforeEach
    void start() {
        first = node();
        second = node();
    }

    private NodeServer node() {
        NodeServer node = new NodeServer(
                settings -> settings.broker(nodes.broker()).presence(nodes.presence()),
                settings -> settings.apps(APPS).sessions(sessions.node()));
        node.handler.join(URI.create("http://127.0.0.1:" + node.port()));
        return node;
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
        nodes.close();
    }

    private static JsonNode data(SseClient.Block block) {
        return NodeServer.json(block.data());
    }

    @Test
    void change_ofAStreamOfTheOtherNode_isMade() {
        String[] bearer = NodeServer.bearer(first.token("changer", "c.*"));
        try (SseClient stream = first.stream("?channels=c.1", bearer)) {
            String id = data(stream.event("pushy:open")).get("connection").asText();
            String path = "/channels/stream/" + id;
            Answer changed = second.post(path, "{\"subscribe\":[\"c.2\"],\"unsubscribe\":[\"c.1\"]}", bearer);
            assertEquals(202, changed.status(), changed::toString);
            stream.event("pushy:unsubscribed");
            assertEquals(
                    NodeServer.json("[\"c.2\"]"),
                    data(stream.event("pushy:subscribed")).get("channels"));
            second.publish("c.1", "1");
            second.publish("c.2", "2");
            assertEquals("c.2", data(stream.event()).get("channel").asText());
        }
    }

    @Test
    void changesWithNumbers_askedOfBothNodes_areMadeInTheirOrder() {
        String[] bearer = NodeServer.bearer(first.token("counter", "c.*"));
        try (SseClient stream = first.stream("?channels=c.0", bearer)) {
            String path = "/channels/stream/"
                    + data(stream.event("pushy:open")).get("connection").asText();
            for (int number : List.of(2, 1, 4, 3)) {
                NodeServer node = number % 2 == 0 ? first : second;
                String body = "{\"subscribe\":[\"c." + number + "\"],\"number\":" + number + "}";
                assertEquals(202, node.post(path, body, bearer).status());
            }
            for (int number = 1; number <= 4; number++) {
                assertEquals(
                        NodeServer.json("[\"c." + number + "\"]"),
                        data(stream.event("pushy:subscribed")).get("channels"));
            }
        }
    }

    @Test
    void except_aConnectionOfTheOtherNode_leavesItOut() {
        String[] bearer = NodeServer.bearer(first.token("x", "x"));
        try (SseClient one = first.stream("?channels=x", bearer);
                SseClient two = second.stream("?channels=x", bearer)) {
            String id = data(one.event("pushy:open")).get("connection").asText();
            two.opened();
            second.post("/publish/x", "{\"data\":1,\"except\":\"" + id + "\"}", NodeServer.publisher());
            second.publish("x", "2");
            assertEquals(2, data(one.event()).get("data").asInt());
            assertEquals(1, data(two.event()).get("data").asInt());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection", "sub"})
    void disconnect_ofAConnectionOfTheOtherNode_endsIt(String what) {
        try (SseClient stream = first.stream("?channels=a", NodeServer.bearer(first.token("off", "a")))) {
            String id = data(stream.event("pushy:open")).get("connection").asText();
            String value = what.equals("sub") ? "off" : id;
            Answer answer = second.post("/disconnect", "{\"" + what + "\":\"" + value + "\"}", NodeServer.publisher());
            assertEquals(200, answer.status(), answer::toString);
            stream.event("pushy:error");
            assertEquals(List.of(), stream.untilEnd());
        }
    }

    @Test
    void revocation_onTheOtherNode_endsConnections_andIsKnownToBoth() {
        String[] bearer = NodeServer.bearer(first.token("gone", "a"));
        try (SseClient stream = first.stream("?channels=a", bearer)) {
            stream.opened();
            assertEquals(
                    200,
                    second.post("/revoke", "{\"sub\":\"gone\"}", NodeServer.publisher())
                            .status());
            assertEquals(
                    "revoked", data(stream.event("pushy:error")).get("code").asText());
        }
        NodeServer.await(
                "the token is void on both nodes",
                () -> first.get("/channels/poll?channels=a", bearer).status() == 401
                        && second.get("/channels/poll?channels=a", bearer).status() == 401);
    }

    @Test
    void countsAndMembers_ofBothNodes_areToldByEach() {
        try (PusherSocket a = PusherSocket.connect(first, "main-key");
                PusherSocket b = PusherSocket.connect(second, "main-key")) {
            for (PusherSocket client : List.of(a, b)) {
                String data = "{\"user_id\":\"" + (client == a ? "u1" : "u2") + "\"}";
                client.subscribed(
                        "presence-r",
                        "auth",
                        client.auth("main-key", "main-secret", "presence-r", data),
                        "channel_data",
                        PusherSocket.json(data));
            }
            for (NodeServer node : List.of(first, second)) {
                PusherCaller caller = new PusherCaller(node, "1", "main-key", "main-secret");
                NodeServer.await(
                        "both members",
                        () -> caller.get("/channels/presence-r/users")
                                        .json()
                                        .get("users")
                                        .size()
                                == 2);
                assertEquals(
                        2,
                        caller.get("/channels/presence-r", "info", "user_count")
                                .json()
                                .get("user_count")
                                .asInt());
                assertTrue(caller.get("/channels").json().get("channels").has("presence-r"));
            }
        }
    }

    @Test
    void nativeSession_overPollsAnywhere_hearsEachMessageOnce() {
        Session session = new Session("/channels/sockjs", "", 1);
        assertEquals("o", session.poll());
        session.send("{\"type\":\"auth\",\"token\":\"" + first.token("me", "news") + "\"}");
        session.next("type", "open");
        session.send("{\"type\":\"subscribe\",\"channels\":[\"news\"]}");
        session.next("type", "subscribed");
        for (int i = 0; i < 60; i++) {
            session.node().publish("news", String.valueOf(i));
        }
        for (int i = 0; i < 60; i++) {
            assertEquals(i, session.next("type", "message").get("data").asInt());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void pusherFallback_overPollsAnywhere_hearsEachEventOnce(long seed) {
        Session session = new Session("/pusher/app/main-key", JS, seed);
        assertEquals("o", session.poll());
        session.next("event", "pusher:connection_established");
        session.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}");
        session.next("event", "pusher_internal:subscription_succeeded");
        for (int i = 0; i < 60; i++) {
            trigger(session.node(), i);
            if (i % 3 == 0) {
                session.send("{\"event\":\"pusher:ping\",\"data\":{}}");
            }
        }
        int next = 0;
        int pongs = 0;
        while (next < 60 || pongs < 20) {
            JsonNode message = session.next();
            if (message.get("event").asText().equals("pusher:pong")) {
                pongs++;
            } else {
                assertEquals(String.valueOf(next++), message.get("data").asText());
            }
        }
        assertTrue(first.handler.forwardedRequests() + second.handler.forwardedRequests() > 10);
        assertEquals(0, first.handler.unreachableRequests() + second.handler.unreachableRequests());
    }

    private static void trigger(NodeServer node, int number) {
        Answer answer = new PusherCaller(node, "1", "main-key", "main-secret")
                .post("/events", "{\"name\":\"note\",\"channel\":\"news\",\"data\":\"" + number + "\"}");
        assertEquals(200, answer.status(), answer::toString);
    }

    /** A client of SockJS whose requests go to a node at random each. */
    private final class Session {
        private final List<NodeServer> all = List.of(first, second);
        private final Random random;
        private final String url;
        private final String query;
        private final List<JsonNode> messages = new ArrayList<>();

        Session(String endpoint, String query, long seed) {
            this.url = endpoint + "/7/s" + seed;
            this.query = query;
            this.random = new Random(seed);
        }

        NodeServer node() {
            return all.get(random.nextInt(2));
        }

        String poll() {
            Answer answer = node().post(url + "/xhr" + query, "");
            assertEquals(200, answer.status(), answer::toString);
            return answer.body().strip();
        }

        void send(String text) {
            assertEquals(
                    204,
                    node().post(url + "/xhr_send", "[" + PusherSocket.json(text) + "]")
                            .status());
        }

        JsonNode next() {
            while (messages.isEmpty()) {
                String frame = poll();
                if (!frame.equals("h")) {
                    assertEquals('a', frame.charAt(0), frame);
                    NodeServer.json(frame.substring(1))
                            .forEach(message -> messages.add(NodeServer.json(message.textValue())));
                }
            }
            return messages.remove(0);
        }

        JsonNode next(String name, String value) {
            JsonNode message = next();
            assertEquals(value, message.path(name).asText(), message::toString);
            return message;
        }
    }
}
