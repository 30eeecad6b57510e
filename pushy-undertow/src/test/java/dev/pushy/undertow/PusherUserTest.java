package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Users of the Pusher protocol: sign-in, watchlists, events to one user, and their end, by the rows U of the checklist. */
class PusherUserTest {
    private static final PusherApiTest.Apps APPS = new PusherApiTest.Apps(List.of(
            PusherApps.app("1", "main").build(),
            PusherApps.app("2", "mute")
                    .features(PusherApps.without(true, false))
                    .build(),
            PusherApps.app("3", "hasty")
                    .features(PusherApps.authorizeWithin(Duration.ofSeconds(4)))
                    .build(),
            PusherApps.app("5", "local").tenant("default").build(),
            PusherApps.app("4", "mild").features(PusherApps.terminateForNow()).build()));
    private static final String WATCHLIST = "pusher_internal:watchlist_events";

    private static NodeServer server;
    private static PusherCaller caller;

    @BeforeAll
    static void start() {
        server = new NodeServer(node -> node, settings -> settings.apps(APPS));
        caller = new PusherCaller(server, "1", "main-key", "main-secret");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static PusherSocket connect() {
        return PusherSocket.connect(server, "main-key");
    }

    private static void request(PusherSocket client, String app, String userData) {
        String signature = PusherCaller.sign(app + "-secret", client.id() + "::user::" + userData);
        client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":" + PusherSocket.json(app + "-key:" + signature)
                + ",\"user_data\":" + PusherSocket.json(userData) + "}}");
    }

    private static PusherSocket signIn(PusherSocket client, String userData) {
        request(client, "main", userData);
        JsonNode data = PusherSocket.data(client.next("pusher:signin_success"));
        assertEquals(userData, data.get("user_data").textValue());
        return client;
    }

    private static PusherSocket signedIn(String id) {
        return signIn(connect(), "{\"id\":\"" + id + "\"}");
    }

    private static String watching(String id, String... users) {
        return "{\"id\":\"" + id + "\",\"watchlist\":["
                + List.of(users).stream().map(PusherSocket::json).collect(Collectors.joining(",")) + "]}";
    }

    private static void assertStatus(PusherSocket client, String events) {
        JsonNode event = client.next(WATCHLIST);
        assertFalse(event.has("channel"), event::toString);
        assertEquals(NodeServer.json("{\"events\":" + events + "}"), PusherSocket.data(event));
    }

    @Test
    void U01_goodSignature_isAnsweredWithTheDataAsItWas() {
        try (PusherSocket client = connect()) {
            signIn(client, "{\"id\":\"u-42\", \"user_info\":{\"name\":\"Ann\"},\"watchlist\":[],\"more\":[1]}");
            client.nothingElse();
        }
    }

    @Test
    void U02_badSignature_isAnErrorAndTheConnectionUsable() {
        try (PusherSocket client = connect()) {
            String data = PusherSocket.json("{\"id\":\"u1\"}");
            for (String auth : List.of("\"main-key:abc\"", "\"other-key:abc\"", "\"abc\"", "\"\"", "null", "5")) {
                client.send(
                        "{\"event\":\"pusher:signin\",\"data\":{\"auth\":" + auth + ",\"user_data\":" + data + "}}");
                assertFalse(client.error().isEmpty());
            }
            client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":\"main-key:abc\"}}");
            assertEquals("Missing parameter: data.user_data", client.error());
            client.subscribe("#server-to-user-u1").refused("#server-to-user-u1", 401);
            signIn(client, "{\"id\":\"u1\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"id\":5}",
                "{\"id\":\"\"}",
                "{\"id\":null}",
                "[]",
                "not json",
                "{\"id\":\"a\",\"user_info\":5}",
                "{\"id\":\"a\",\"watchlist\":\"b\"}",
                "{\"id\":\"a\",\"watchlist\":[5]}",
            })
    void U02_dataThatIsNoUser_isAnErrorAndTheConnectionUsable(String userData) {
        try (PusherSocket client = connect()) {
            request(client, "main", userData);
            assertFalse(client.error().isEmpty());
            client.nothingElse();
        }
    }

    @Test
    void U02_idThatIsTooLong_isAnError() {
        try (PusherSocket client = connect()) {
            request(client, "main", "{\"id\":\"" + "x".repeat(129) + "\"}");
            assertTrue(client.error().contains("128"));
            signIn(client, "{\"id\":\"" + "☃".repeat(128) + "\"}");
        }
    }

    @Test
    void U02_switchedOff_isAnAnswerAllTheSame() {
        try (PusherSocket client = PusherSocket.connect(server, "mute-key")) {
            request(client, "mute", "{\"id\":\"u1\"}");
            assertFalse(client.error().isEmpty());
            client.nothingElse();
        }
    }

    @Test
    void U03_signInAgain_succeedsAsTheSameUserOnly() {
        try (PusherSocket client = signedIn("u1")) {
            signIn(client, "{\"id\":\"u1\"}");
            request(client, "main", "{\"id\":\"u2\"}");
            client.error();
            client.subscribe("#server-to-user-u2").refused("#server-to-user-u2", 401);
            client.subscribed("#server-to-user-u1");
        }
    }

    @Test
    void U04_ownUserChannel_isSubscribedAndNoOther() {
        try (PusherSocket client = signedIn("u1")) {
            client.subscribe("#server-to-user-u1", "auth", "\"\"");
            JsonNode answer = client.next("pusher_internal:subscription_succeeded", "#server-to-user-u1");
            assertEquals("{}", answer.get("data").textValue());
            client.subscribe("#server-to-user-u2").refused("#server-to-user-u2", 401);
            client.subscribe("#server-to-user-u").refused("#server-to-user-u", 401);
            client.subscribe("#user.dTE").refused("#user.dTE", 4009);
            client.subscribe("#online.dTE").refused("#online.dTE", 4009);
        }
    }

    @Test
    void U05_notSignedIn_noUserChannelIsSubscribed() {
        try (PusherSocket client = connect()) {
            client.subscribe("#server-to-user-u1").refused("#server-to-user-u1", 401);
            client.subscribe("#server-to-user-").refused("#server-to-user-", 4009);
            client.nothingElse();
        }
    }

    @Test
    void U06_eventToAUser_reachesAllConnectionsOfTheUser() {
        String channel = "#server-to-user-u 6/ü";
        try (PusherSocket first = signedIn("u 6/ü");
                PusherSocket second = signedIn("u 6/ü");
                PusherSocket other = signedIn("u7")) {
            first.subscribed(channel);
            second.subscribed(channel);
            other.subscribed("#server-to-user-u7");
            NodeServer.Answer answer = caller.post(
                    "/events", "{\"name\":\"notice\",\"channels\":[\"" + channel + "\"],\"data\":\"{\\\"x\\\":1}\"}");
            assertEquals(200, answer.status(), answer.body());
            for (PusherSocket client : List.of(first, second)) {
                assertEquals(
                        NodeServer.json(
                                "{\"event\":\"notice\",\"channel\":\"" + channel + "\",\"data\":\"{\\\"x\\\":1}\"}"),
                        client.next());
            }
            other.nothingElse();
            first.unsubscribe(channel).nothingElse();
        }
    }

    @Test
    void U07_watchlist_firstTellsHowAllStand() {
        try (PusherSocket a = signedIn("a7");
                PusherSocket watcher = connect()) {
            signIn(watcher, watching("w7", "a7", "b7"));
            assertStatus(
                    watcher,
                    "[{\"name\":\"online\",\"user_ids\":[\"a7\"]},{\"name\":\"offline\",\"user_ids\":[\"b7\"]}]");
            watcher.nothingElse();
            a.nothingElse();
        }
    }

    @Test
    void U07_watchlistOfOneState_hasNoEmptyEntry() {
        try (PusherSocket watcher = connect()) {
            signIn(watcher, watching("w77", "c77", "c77", "x".repeat(200), ""));
            assertStatus(watcher, "[{\"name\":\"offline\",\"user_ids\":[\"c77\",\"" + "x".repeat(200) + "\",\"\"]}]");
        }
    }

    @Test
    void U07_ownIdOnTheWatchlist_isOnline() {
        try (PusherSocket watcher = connect()) {
            signIn(watcher, watching("w78", "w78"));
            assertStatus(watcher, "[{\"name\":\"online\",\"user_ids\":[\"w78\"]}]");
        }
    }

    @Test
    void U08_watchedUsers_areToldAsTheyComeAndGo() {
        try (PusherSocket a = signedIn("a8");
                PusherSocket again = signedIn("a8");
                PusherSocket watcher = connect()) {
            signIn(watcher, watching("w8", "a8", "b8"));
            watcher.next(WATCHLIST);
            again.close();
            a.close();
            assertStatus(watcher, "[{\"name\":\"offline\",\"user_ids\":[\"a8\"]}]");
            try (PusherSocket b = signedIn("b8")) {
                assertStatus(watcher, "[{\"name\":\"online\",\"user_ids\":[\"b8\"]}]");
                b.nothingElse();
            }
            assertStatus(watcher, "[{\"name\":\"offline\",\"user_ids\":[\"b8\"]}]");
            watcher.nothingElse();
        }
    }

    @Test
    void U08_newWatchlist_takesTheOldOnesPlace() {
        try (PusherSocket watcher = connect()) {
            signIn(watcher, watching("w88", "a88"));
            watcher.next(WATCHLIST);
            signIn(watcher, watching("w88", "b88"));
            assertStatus(watcher, "[{\"name\":\"offline\",\"user_ids\":[\"b88\"]}]");
            try (PusherSocket a = signedIn("a88");
                    PusherSocket b = signedIn("b88")) {
                assertStatus(watcher, "[{\"name\":\"online\",\"user_ids\":[\"b88\"]}]");
                a.nothingElse();
                b.nothingElse();
            }
            signIn(watcher, "{\"id\":\"w88\"}");
            watcher.nothingElse();
        }
    }

    @Test
    void U09_watchlistThatIsTooLong_is4302BehindTheSuccess() {
        String[] ids = IntStream.range(0, 101).mapToObj(i -> "i" + i).toArray(String[]::new);
        try (PusherSocket watcher = connect()) {
            signIn(watcher, watching("w9", ids));
            String error = watcher.error(4302);
            assertTrue(error.contains("first 100 user ids are watched: i0, i1, ") && error.endsWith(", i99"), error);
            JsonNode events = PusherSocket.data(watcher.next(WATCHLIST)).get("events");
            assertEquals(100, events.at("/0/user_ids").size());
            try (PusherSocket beyond = signedIn("i100");
                    PusherSocket within = signedIn("i99")) {
                assertStatus(watcher, "[{\"name\":\"online\",\"user_ids\":[\"i99\"]}]");
                beyond.nothingElse();
                within.nothingElse();
            }
        }
    }

    @Test
    void U10_terminate_endsSignedInConnectionsOnly() {
        String data = "{\"user_id\":\"u10\"}";
        try (PusherSocket first = signedIn("u10");
                PusherSocket second = signedIn("u10");
                PusherSocket present = connect();
                PusherSocket other = signedIn("u11")) {
            present.subscribed(
                    "presence-10",
                    "auth",
                    present.auth("main-key", "main-secret", "presence-10", data),
                    "channel_data",
                    PusherSocket.json(data));
            NodeServer.Answer answer = caller.post("/users/u10/terminate_connections", "{}");
            assertEquals(200, answer.status());
            assertEquals("{}", answer.body());
            first.refused(4009);
            second.refused(4009);
            present.nothingElse();
            other.nothingElse();
        }
    }

    @Test
    void U10_terminateForNow_closesSoThatClientsComeBack() {
        PusherCaller mild = new PusherCaller(server, "4", "mild-key", "mild-secret");
        try (PusherSocket client = PusherSocket.connect(server, "mild-key")) {
            request(client, "mild", "{\"id\":\"u1\"}");
            client.next("pusher:signin_success");
            mild.post("/users/u1/terminate_connections", "{}");
            PusherSocket.Frame close = client.frame();
            assertTrue(close.isClose(), close::toString);
            assertEquals(1000, close.code());
        }
    }

    @Test
    void U11_connectionThatIsNotAuthorizedInTime_isClosed4009() {
        try (PusherSocket idle = PusherSocket.connect(server, "hasty-key");
                PusherSocket open = PusherSocket.connect(server, "hasty-key");
                PusherSocket authorized = PusherSocket.connect(server, "hasty-key");
                PusherSocket user = PusherSocket.connect(server, "hasty-key")) {
            authorized.subscribed("private-x", "auth", authorized.auth("hasty-key", "hasty-secret", "private-x"));
            request(user, "hasty", "{\"id\":\"u1\"}");
            user.next("pusher:signin_success");
            open.subscribed("room");
            assertEquals("Connection not authorized within timeout", idle.refused(4009));
            open.refused(4009);
            authorized.nothingElse();
            user.nothingElse();
        }
    }

    @Test
    void anonymousConnections_cannotBeTerminatedTogether() {
        PusherCaller local = new PusherCaller(server, "5", "local-key", "local-secret");
        try (PusherSocket client = PusherSocket.connect(server, "local-key")) {
            assertEquals(
                    400,
                    server.post("/disconnect", "{\"sub\":\"\"}", NodeServer.publisher())
                            .status());
            assertEquals(400, local.post("/users//terminate_connections", "{}").status());
            client.nothingElse();
        }
    }
}
