package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Presence channels of the Pusher protocol, by the rows P of the checklist. */
class PusherPresenceTest {
    private static final PusherApiTest.Apps APPS =
            new PusherApiTest.Apps(List.of(PusherApps.app("1", "main").build()));
    private static final String ADDED = "pusher_internal:member_added";
    private static final String REMOVED = "pusher_internal:member_removed";

    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer(node -> node, settings -> settings.apps(APPS));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static PusherSocket connect() {
        return PusherSocket.connect(server, "main-key");
    }

    private static PusherSocket join(PusherSocket client, String channel, String channelData) {
        return client.subscribe(
                channel,
                "auth",
                client.auth("main-key", "main-secret", channel, channelData),
                "channel_data",
                PusherSocket.json(channelData));
    }

    private static String user(String id) {
        return "{\"user_id\":" + PusherSocket.json(id) + ",\"user_info\":{\"name\":" + PusherSocket.json("N" + id)
                + "}}";
    }

    private static JsonNode roster(PusherSocket client, String channel) {
        JsonNode data = PusherSocket.data(client.next("pusher_internal:subscription_succeeded", channel));
        JsonNode presence = data.get("presence");
        Set<String> keys = new HashSet<>();
        presence.get("hash").fieldNames().forEachRemaining(keys::add);
        assertEquals(keys, new HashSet<>(ids(presence)), presence::toString);
        assertEquals(keys.size(), presence.get("ids").size(), presence::toString);
        assertEquals(keys.size(), presence.get("count").asInt(), presence::toString);
        return presence;
    }

    private static List<String> ids(JsonNode presence) {
        List<String> ids = new ArrayList<>();
        presence.get("ids").forEach(id -> {
            assertTrue(id.isTextual(), presence::toString);
            ids.add(id.textValue());
        });
        return ids;
    }

    private static JsonNode joined(PusherSocket client, String channel, String id) {
        return roster(join(client, channel, user(id)), channel);
    }

    private static void signIn(PusherSocket client, String userData) {
        client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":"
                + PusherSocket.json("main-key:" + PusherCaller.sign("main-secret", client.id() + "::user::" + userData))
                + ",\"user_data\":" + PusherSocket.json(userData) + "}}");
        client.next("pusher:signin_success");
    }

    private static String marker(PusherSocket client, String channel) {
        return client.send("{\"event\":\"client-marker\",\"channel\":\"" + channel + "\",\"data\":{}}")
                .id();
    }

    @Test
    void P01_firstMember_isItselfTheRoster() {
        try (PusherSocket client = connect()) {
            JsonNode roster = joined(client, "presence-1", "u1");
            assertEquals(
                    NodeServer.json("{\"ids\":[\"u1\"],\"hash\":{\"u1\":{\"name\":\"Nu1\"}},\"count\":1}"), roster);
            client.nothingElse();
        }
    }

    @Test
    void P02_secondMember_isToldToTheFirst() {
        try (PusherSocket a = connect();
                PusherSocket b = connect()) {
            joined(a, "presence-2", "u1");
            JsonNode roster = joined(b, "presence-2", "u2");
            assertEquals(List.of("u1", "u2"), ids(roster));
            assertEquals("Nu1", roster.at("/hash/u1/name").asText());
            assertEquals(
                    NodeServer.json("{\"user_id\":\"u2\",\"user_info\":{\"name\":\"Nu2\"}}"),
                    PusherSocket.data(a.next(ADDED, "presence-2")));
            b.nothingElse();
        }
    }

    @Test
    void P03_secondConnectionOfAMember_isToldToNobody() {
        try (PusherSocket a = connect();
                PusherSocket b = connect();
                PusherSocket again = connect()) {
            joined(a, "presence-3", "u1");
            joined(b, "presence-3", "u2");
            a.next(ADDED, "presence-3");
            JsonNode roster = roster(
                    join(again, "presence-3", "{\"user_id\":\"u1\",\"user_info\":{\"name\":\"other\"}}"), "presence-3");
            assertEquals("Nu1", roster.at("/hash/u1/name").asText(), "what the first connection said counts");
            again.unsubscribe("presence-3").nothingElse();
            marker(a, "presence-3");
            b.next("client-marker", "presence-3");
            a.nothingElse();
        }
    }

    @Test
    void P04_bothConnectionsLeave_oneRemovalBehindTheSecond() {
        try (PusherSocket watcher = connect();
                PusherSocket first = connect();
                PusherSocket second = connect()) {
            joined(watcher, "presence-4", "w");
            joined(first, "presence-4", "u1");
            joined(second, "presence-4", "u1");
            watcher.next(ADDED, "presence-4");
            first.unsubscribe("presence-4").nothingElse();
            marker(second, "presence-4");
            watcher.next("client-marker", "presence-4");
            second.close();
            assertEquals(
                    NodeServer.json("{\"user_id\":\"u1\"}"), PusherSocket.data(watcher.next(REMOVED, "presence-4")));
            watcher.nothingElse();
            first.nothingElse();
        }
    }

    @Test
    void P05_numericId_isItsDigitsEverywhere() {
        try (PusherSocket a = connect();
                PusherSocket b = connect()) {
            joined(b, "presence-5", "b");
            JsonNode roster = roster(join(a, "presence-5", "{\"user_id\":5}"), "presence-5");
            assertEquals(List.of("b", "5"), ids(roster));
            assertEquals("5", PusherSocket.data(b.next(ADDED)).get("user_id").textValue());
            a.unsubscribe("presence-5");
            assertEquals("5", PusherSocket.data(b.next(REMOVED)).get("user_id").textValue());
            roster(join(a, "presence-5", "{\"user_id\":1234567890123456789}"), "presence-5");
            assertEquals(
                    "1234567890123456789",
                    PusherSocket.data(b.next(ADDED)).get("user_id").textValue());
        }
    }

    @Test
    void P06_userInfo_isNullWhereAbsentOrAnEmptyArray() {
        try (PusherSocket a = connect()) {
            int n = 0;
            for (String info : List.of("", ",\"user_info\":null", ",\"user_info\":[]", ",\"user_info\":[ ]")) {
                String channel = "presence-6-" + n++;
                JsonNode roster = roster(join(a, channel, "{\"user_id\":\"u1\"" + info + "}"), channel);
                assertTrue(roster.at("/hash/u1").isNull(), roster::toString);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"x\"", "5", "true", "[1]"})
    void P06_userInfoThatIsNoObject_isRefused(String info) {
        try (PusherSocket a = connect()) {
            assertEquals(
                    "user_info supplied to presence subscription is invalid - if supplied it must be a type of hash",
                    join(a, "presence-66", "{\"user_id\":\"u1\",\"user_info\":" + info + "}")
                            .refused("presence-66", 401));
            a.nothingElse();
        }
    }

    @Test
    void P07_fullChannel_takesThoseWhoAreMembersAlready() {
        List<PusherSocket> members = new ArrayList<>();
        try (PusherSocket again = connect();
                PusherSocket late = connect()) {
            for (int i = 0; i < 100; i++) {
                PusherSocket member = connect();
                members.add(member);
                join(member, "presence-7", "{\"user_id\":" + i + "}");
                member.next("pusher_internal:subscription_succeeded");
            }
            String refusal = join(late, "presence-7", "{\"user_id\":100}").refused("presence-7", 4100);
            assertTrue(refusal.contains("100"), refusal);
            late.nothingElse();
            join(again, "presence-7", "{\"user_id\":1}");
            assertEquals(100, roster(again, "presence-7").get("count").asInt());
            members.get(50).unsubscribe("presence-7");
            again.next(REMOVED);
            roster(join(late, "presence-7", "{\"user_id\":100}"), "presence-7");
        } finally {
            members.forEach(PusherSocket::close);
        }
    }

    @Test
    void P08_idOrMemberThatIsTooLarge_isRefused() {
        try (PusherSocket a = connect()) {
            join(a, "presence-8", user("x".repeat(129))).refused("presence-8", 4301);
            join(a, "presence-8", "{\"user_id\":\"u\",\"user_info\":{\"x\":\"" + "y".repeat(1_000) + "\"}}")
                    .refused("presence-8", 4301);
            a.nothingElse();
            joined(a, "presence-8", "x".repeat(128));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"user_id\":\"\"}", "{\"user_id\":null}", "{\"user_id\":true}", "{\"user_id\":{}}",
                        "{\"user_id\":5.5}",
                "{}", "[]", "5", "not json", "{\"user_id\":\"a\"",
            })
    void P08_idThatIsNone_isRefused(String data) {
        try (PusherSocket a = connect()) {
            join(a, "presence-88", data).refused("presence-88", 401);
            a.nothingElse();
        }
    }

    @Test
    void P09_noDataAndNotSignedIn_isRefused() {
        try (PusherSocket a = connect()) {
            String auth = a.auth("main-key", "main-secret", "presence-9");
            assertEquals(
                    "presence-9 is a presence channel and subscription must include channel_data",
                    a.subscribe("presence-9", "auth", auth).refused("presence-9", 401));
            a.subscribe("presence-9", "auth", auth, "channel_data", "{}").refused("presence-9", 401);
            a.nothingElse();
        }
    }

    @Test
    void P10_signedInWithoutData_isTheUser() {
        try (PusherSocket a = connect()) {
            signIn(a, "{\"id\":\"u9\",\"user_info\":{\"name\":\"Nine\"},\"more\":1}");
            String auth = a.auth("main-key", "main-secret", "presence-10");
            JsonNode roster = roster(a.subscribe("presence-10", "auth", auth), "presence-10");
            assertEquals("Nine", roster.at("/hash/u9/name").asText());
        }
    }

    @Test
    void P11_signedInWithData_isWhoTheDataSays() {
        try (PusherSocket a = connect()) {
            signIn(a, "{\"id\":\"u9\"}");
            assertEquals(List.of("u8"), ids(joined(a, "presence-11", "u8")));
        }
    }

    /** Follows a channel as a client does, and fails on what no client expects. */
    private static final class Follower {
        private final Set<String> present = new TreeSet<>();
        private int joining;

        void roster(JsonNode presence) {
            joining--;
            present.clear();
            present.addAll(ids(presence));
        }

        void event(JsonNode event) {
            String id = PusherSocket.data(event).path("user_id").asText();
            switch (event.get("event").asText()) {
                case ADDED -> assertTrue(present.add(id), () -> id + " came twice");
                case REMOVED -> assertTrue(present.remove(id), () -> id + " left twice");
                default -> throw new AssertionError(event.toString());
            }
        }
    }

    @Test
    void P12_heavyChurn_everyRosterWithItsChangesIsTheTruth() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String channel = "presence-12";
        int clients = 12;
        Map<Integer, PusherSocket> sockets = new LinkedHashMap<>();
        Map<Integer, Follower> followers = new LinkedHashMap<>();
        Set<Integer> inside = new HashSet<>();
        try {
            for (int i = 0; i < clients; i++) {
                sockets.put(i, connect());
                followers.put(i, new Follower());
            }
            for (int step = 0; step < 600; step++) {
                int who = random.nextInt(clients);
                PusherSocket socket = sockets.get(who);
                if (inside.remove(who)) {
                    socket.unsubscribe(channel);
                } else {
                    inside.add(who);
                    join(socket, channel, user("u" + who % 8));
                    followers.get(who).joining++;
                }
            }
            for (int who = 0; who < clients; who++) {
                if (inside.add(who)) {
                    join(sockets.get(who), channel, user("u" + who % 8));
                    followers.get(who).joining++;
                }
            }
            Set<String> truth = new TreeSet<>(Set.of("u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7"));
            for (int who = 0; who < clients; who++) {
                while (followers.get(who).joining > 0) {
                    apply(sockets.get(who).next(), followers.get(who));
                }
            }
            // All are live by now: what is still under way to them comes before the marker.
            marker(sockets.get(0), channel);
            for (int who = 1; who < clients; who++) {
                followToMarker(sockets.get(who), followers.get(who));
                assertEquals(truth, followers.get(who).present, "client " + who + ", seed " + seed);
            }
        } finally {
            sockets.values().forEach(PusherSocket::close);
        }
    }

    private static void followToMarker(PusherSocket socket, Follower follower) {
        for (JsonNode event = socket.next();
                !event.get("event").asText().equals("client-marker");
                event = socket.next()) {
            apply(event, follower);
        }
    }

    private static void apply(JsonNode event, Follower follower) {
        if (event.get("event").asText().equals("pusher_internal:subscription_succeeded")) {
            follower.roster(PusherSocket.data(event).get("presence"));
        } else {
            follower.event(event);
        }
    }
}
