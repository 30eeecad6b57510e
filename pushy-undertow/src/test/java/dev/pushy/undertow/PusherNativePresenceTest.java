package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.undertow.NodeServer.Answer;
import dev.pushy.undertow.pusher.PusherApp;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Presence channels whose members are clients of the Pusher protocol and of the native one. */
class PusherNativePresenceTest {
    /** Of the same tenant as the native publisher. */
    private static final PusherApiTest.Apps APPS = new PusherApiTest.Apps(
            List.of(PusherApp.builder("1").key("main-key", "main-secret").build()));

    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer(node -> node, settings -> settings.apps(APPS));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String token(String subject, String meta, String channel) {
        String body = "{\"sub\":\"" + subject + "\",\"channels\":[\"" + channel + "\"],\"meta\":" + meta + "}";
        return server.post("/token", body, NodeServer.publisher())
                .json()
                .get("token")
                .asText();
    }

    private static WsClient join(String subject, String meta, String channel) {
        return server.webSocket("?channels=" + channel + "&token=" + token(subject, meta, channel))
                .opened();
    }

    private static PusherSocket pusher() {
        return PusherSocket.connect(server, "main-key");
    }

    private static JsonNode join(PusherSocket client, String id, String channel) {
        String data = "{\"user_id\":\"" + id + "\",\"user_info\":{\"by\":\"pusher\"}}";
        String auth = client.auth("main-key", "main-secret", channel, data);
        return client.subscribed(channel, "auth", auth, "channel_data", PusherSocket.json(data))
                .get("presence");
    }

    /** Subjects and what is said of them, as the native API tells. */
    private static TreeMap<String, String> members(String channel) {
        Answer answer = server.get("/presence/" + channel, NodeServer.publisher());
        assertEquals(200, answer.status(), answer::toString);
        TreeMap<String, String> members = new TreeMap<>();
        answer.json()
                .get("members")
                .forEach(member -> members.put(
                        member.get("subject").asText(), member.get("meta").toString()));
        assertEquals(members.size(), answer.json().get("count").asInt(), answer::toString);
        return members;
    }

    /** Ids, as the REST API tells. */
    private static List<String> users(String channel) {
        List<String> users = new ArrayList<>();
        new PusherCaller(server, "1", "main-key", "main-secret")
                .get("/channels/" + channel + "/users")
                .json()
                .get("users")
                .forEach(user -> users.add(user.get("id").asText()));
        return List.copyOf(new TreeSet<>(users));
    }

    @Test
    void members_ofEitherKind_areToldToBoth() {
        String channel = "presence-both";
        try (WsClient ann = join("ann", "{\"by\":\"token\"}", channel);
                PusherSocket bob = pusher()) {
            assertEquals("ann", ann.next("join").at("/member/subject").asText());

            JsonNode roster = join(bob, "bob", channel);

            assertEquals(
                    NodeServer.json("{\"ann\":{\"by\":\"token\"},\"bob\":{\"by\":\"pusher\"}}"), roster.get("hash"));
            assertEquals(2, roster.get("count").asInt());
            JsonNode joined = ann.next("join").get("member");
            assertEquals("bob", joined.get("subject").asText());
            assertEquals(NodeServer.json("{\"by\":\"pusher\"}"), joined.get("meta"));
            assertEquals(
                    "{ann={\"by\":\"token\"}, bob={\"by\":\"pusher\"}}",
                    members(channel).toString());
            assertEquals(List.of("ann", "bob"), users(channel));

            WsClient cyd = join("cyd", "null", channel);
            assertEquals(
                    NodeServer.json("{\"user_id\":\"cyd\",\"user_info\":null}"),
                    PusherSocket.data(bob.next("pusher_internal:member_added", channel)));
            cyd.close();
            assertEquals(
                    NodeServer.json("{\"user_id\":\"cyd\"}"),
                    PusherSocket.data(bob.next("pusher_internal:member_removed", channel)));
            bob.nothingElse();
        }
    }

    @Test
    void user_whoIsThereInBothWays_isOneMember() {
        String channel = "presence-same";
        try (PusherSocket watcher = pusher();
                WsClient own = join("ann", "{\"n\":1}", channel)) {
            own.next("join");
            assertEquals(1, join(watcher, "ann", channel).get("count").asInt());
            own.close();
            NodeServer.await(
                    "one subscriber",
                    () -> server.get("/channels/" + channel, NodeServer.publisher())
                                    .json()
                                    .get("subscribers")
                                    .asInt()
                            == 1);
            watcher.nothingElse();
            assertEquals("[ann]", members(channel).keySet().toString());
        }
        NodeServer.await("nobody", () -> members(channel).isEmpty());
    }

    @Test
    void stream_andItsPattern_areAMemberAndAWatcher() {
        String channel = "presence-room.1";
        try (SseClient watcher = server.stream("?channels=*.1", NodeServer.bearer(server.token("eve", "*.1")))
                        .opened();
                SseClient member = server.stream(
                                "?channels=" + channel, NodeServer.bearer(token("ann", "null", channel)))
                        .opened();
                PusherSocket bob = pusher()) {
            member.event("pushy:join");
            assertEquals(2, join(bob, "bob", channel).get("count").asInt());
            assertTrue(member.event("pushy:join").data().contains("\"subject\":\"bob\""));
            assertEquals("[ann, bob]", members(channel).keySet().toString());
            watcher.close();
            bob.nothingElse();
        }
    }

    @Test
    void presence_ofAVacantOrOtherChannel_isEmptyOrOff() {
        assertTrue(members("presence-nobody").isEmpty());
        assertTrue(members("presence-cache-nobody").isEmpty());
        assertEquals(
                404,
                server.get("/presence/private-room", NodeServer.publisher()).status());
    }
}
