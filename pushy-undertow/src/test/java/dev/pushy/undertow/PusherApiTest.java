package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.undertow.NodeServer.Answer;
import dev.pushy.undertow.pusher.AppFeatures;
import dev.pushy.undertow.pusher.AppLimits;
import dev.pushy.undertow.pusher.AppRegistry;
import dev.pushy.undertow.pusher.PusherApp;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The signed REST API of Pusher over real sockets, by the rows of the checklist; the receivers speak the native protocol. */
class PusherApiTest {
    private static final AppFeatures COUNTED = new AppFeatures(true, false, true, true, true, false, null, true);
    private static final AppFeatures LENIENT = new AppFeatures(true, false, true, true, false, true, null, true);
    private static final AppFeatures DISABLED = new AppFeatures(false, false, true, true, false, false, null, true);

    private static final Apps APPS = new Apps(List.of(
            PusherApp.builder("1001").key("key-1", "secret-1").features(COUNTED).build(),
            PusherApp.builder("1002")
                    .tenant("shop")
                    .key("key-2", "secret-2")
                    .features(LENIENT)
                    .build(),
            PusherApp.builder("1003")
                    .tenant("off")
                    .key("key-3", "secret-3")
                    .features(DISABLED)
                    .build()));

    private static NodeServer server;
    private static PusherCaller caller;
    private static PusherCaller lenient;

    record Apps(List<PusherApp> all) implements AppRegistry {
        @Override
        public Optional<PusherApp> byKey(String key) {
            return find(app -> app.key(key).isPresent());
        }

        @Override
        public Optional<PusherApp> byId(String id) {
            return find(app -> app.id().equals(id));
        }

        @Override
        public Optional<PusherApp> byTenant(String tenant) {
            return find(app -> app.tenant().equals(tenant));
        }

        private Optional<PusherApp> find(Predicate<PusherApp> is) {
            return all.stream().filter(is).findFirst();
        }
    }

    @BeforeAll
    static void start() {
        server = new NodeServer(
                node -> node.retain(channel -> APPS.byTenant(channel.app())
                        .map(app -> app.cacheLife(channel))
                        .orElse(Duration.ZERO)),
                settings -> settings.apps(APPS));
        caller = new PusherCaller(server, "1001", "key-1", "secret-1");
        lenient = new PusherCaller(server, "1002", "key-2", "secret-2");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String quoted(String text) {
        return com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString();
    }

    private static String event(String channel, String data) {
        return "{\"name\":\"e\",\"channel\":\"" + channel + "\",\"data\":" + quoted(data) + "}";
    }

    /** The receiver of native clients on some channels. */
    private static WsClient subscriber(String... channels) {
        return server.webSocket("?channels=" + String.join("%2C", channels) + "&token=" + server.token("ann", "**"));
    }

    static void assertLine(int status, String line, Answer answer) {
        assertEquals(status, answer.status(), answer.toString());
        assertEquals(line + "\n", answer.body());
        assertEquals("text/plain; charset=utf-8", answer.header("Content-Type"));
    }

    static void assertRefused(int status, Answer answer) {
        assertEquals(status, answer.status(), answer.toString());
        assertTrue(answer.body().matches("[^\n]{15,}\n"), answer.body());
        assertEquals("text/plain; charset=utf-8", answer.header("Content-Type"));
        assertFalse(answer.body().contains("xception"), answer.body());
    }

    static void assertJson(String json, Answer answer) {
        assertEquals(200, answer.status(), answer.toString());
        assertEquals("application/json", answer.header("Content-Type"));
        assertEquals(NodeServer.json(json), answer.json());
    }

    private static void join(String channel, String... users) {
        for (String user : users) {
            server.pushy
                    .presence()
                    .update(Channel.of(channel), new Member(user, "null", 1))
                    .toCompletableFuture()
                    .join();
        }
    }

    private static void occupy(String channel, int subscribers) {
        server.pushy
                .presence()
                .update(Channel.of(channel), subscribers)
                .toCompletableFuture()
                .join();
    }

    @Test
    void R01_signedRequest_isAccepted_andItsEventDelivered() {
        try (WsClient client = subscriber("r01")) {
            client.opened();
            assertJson(
                    "{}",
                    caller.post(
                            "/events",
                            "{\"name\":\"order-shipped\",\"channels\":[\"r01\"],\"data\":\"{\\\"id\\\": 7}\"}"));
            JsonNode message = client.next("message");
            assertEquals("order-shipped", message.get("event").asText());
            assertEquals(7, message.get("data").get("id").asInt());
        }
    }

    @Test
    void R02_wrongSignatureKeyOrBody_isRefused() {
        Answer wrong = new PusherCaller(server, "1001", "key-1", "secret-2").post("/events", event("a", "1"));
        assertRefused(401, wrong);
        assertTrue(
                wrong.body()
                        .startsWith(
                                "Invalid signature: you should have sent HmacSHA256Hex(\"POST\\n/push/apps/1001/events\\n"),
                wrong.body());
        assertFalse(wrong.body().contains("secret-1"), wrong.body());
        assertLine(
                401,
                "Unknown auth_key",
                new PusherCaller(server, "1001", "key-2", "secret-2").post("/events", event("a", "1")));
        assertLine(401, "Missing parameter: auth_key", server.get("/apps/1001/channels"));
        assertLine(404, "There is no app 7", new PusherCaller(server, "7", "key-1", "secret-1").get("/channels"));
        String path = "/apps/1001/events";
        String signed = caller.query(
                "POST", path, Map.of(), "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8), Instant.now());
        Answer changed = server.post(path + "?" + signed, event("a", "1"));
        assertRefused(401, changed);
        assertTrue(changed.body().startsWith("Invalid body_md5"), changed.body());
    }

    @Test
    void R03_timestamp_outsideTheWindow_isRefused() {
        Instant now = Instant.now();
        assertEquals(
                200,
                caller.send("GET", "/apps/1001/channels", Map.of(), "", now.minusSeconds(560))
                        .status());
        Answer old = caller.send("GET", "/apps/1001/channels", Map.of(), "", now.minusSeconds(601));
        assertRefused(401, old);
        assertTrue(old.body().startsWith("Timestamp expired: Given timestamp ("), old.body());
        assertRefused(401, caller.send("GET", "/apps/1001/channels", Map.of(), "", now.plusSeconds(660)));
    }

    @Test
    void R04_getWithTheMd5OfNothing_isAccepted() {
        assertEquals(
                200,
                caller.get("/channels", "body_md5", "d41d8cd98f00b204e9800998ecf8427e")
                        .status());
    }

    @Test
    void R05_bodyWithoutMd5_isRefused() {
        String path = "/apps/1001/events";
        String query = caller.query("POST", path, Map.of(), new byte[0], Instant.now());
        assertLine(401, "Missing parameter: body_md5", server.post(path + "?" + query, event("a", "1")));
    }

    @Test
    void R06_oddOrderAndUpperCaseKeys_areAccepted() {
        String query = caller.query("GET", "/apps/1001/channels", Map.of(), new byte[0], Instant.now());
        List<String> pairs = new java.util.ArrayList<>(List.of(query.split("&")));
        java.util.Collections.reverse(pairs);
        String odd = String.join("&", pairs).replace("auth_key", "AUTH_KEY").replace("auth_version", "Auth_Version");
        assertEquals(200, server.get("/apps/1001/channels?" + odd).status());
    }

    private static String channels(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"r07." + i + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void R07_numberOfChannels_isOneToAHundred() {
        String begin = "{\"name\":\"e\",\"data\":\"1\",";
        assertJson("{}", caller.post("/events", begin + "\"channel\":\"r07\"}"));
        assertJson("{}", caller.post("/events", begin + "\"channels\":" + channels(1) + "}"));
        assertJson("{}", caller.post("/events", begin + "\"channels\":" + channels(100) + "}"));
        assertRefused(400, caller.post("/events", begin + "\"channels\":" + channels(101) + "}"));
        assertRefused(400, caller.post("/events", begin + "\"channels\":[]}"));
        assertRefused(400, caller.post("/events", begin + "\"channels\":\"r07\"}"));
        assertRefused(400, caller.post("/events", begin + "\"channels\":[\"r07\",7]}"));
        assertRefused(400, caller.post("/events", begin + "\"channels\":[\"r07\"],\"channel\":\"r07\"}"));
        assertRefused(400, caller.post("/events", begin + "\"channel\":null}"));
    }

    @Test
    void R07_channelNamedTwice_getsTheEventOnce() {
        try (WsClient client = subscriber("r07.twice", "r07.end")) {
            client.opened();
            caller.post("/events", "{\"name\":\"e\",\"data\":\"1\",\"channels\":[\"r07.twice\",\"r07.twice\"]}");
            caller.post("/events", event("r07.end", "2"));
            assertEquals("r07.twice", client.next("message").get("channel").asText());
            assertEquals("r07.end", client.next("message").get("channel").asText());
        }
    }

    @Test
    void R08_data_ofTheLimitInBytes_isTaken_andNoMore() {
        assertJson("{}", caller.post("/events", event("r08", "x".repeat(10_240))));
        assertJson("{}", caller.post("/events", event("r08", "\u00e9".repeat(5_120))));
        assertJson("{}", caller.post("/events", event("r08", "\u0001".repeat(10_240))));
        for (String data : List.of("x".repeat(10_241), "\u00e9".repeat(5_120) + "x")) {
            Answer refused = caller.post("/events", event("r08", data));
            assertRefused(413, refused);
            assertTrue(
                    refused.body()
                            .startsWith("The data content of this event exceeds the allowed maximum (10240 bytes)"),
                    refused.body());
        }
        assertRefused(413, caller.post("/events", event("r08", "x".repeat(1_000_000))));
        assertRefused(413, caller.post("/events", event("small.1", "x".repeat(21))));
    }

    @Test
    void R09_wrongParameters_areRefused() {
        String end = ",\"channel\":\"r09\",\"data\":\"1\"}";
        assertLine(
                400,
                "Expected name parameter to be a string",
                caller.post("/events", "{\"channel\":\"r09\",\"data\":\"1\"}"));
        assertLine(400, "Expected name parameter to be a string", caller.post("/events", "{\"name\":7" + end));
        assertLine(
                400,
                "Expected data parameter to be a string",
                caller.post("/events", "{\"name\":\"e\",\"channel\":\"r09\",\"data\":7}"));
        assertLine(
                400,
                "Expected data parameter to be a string",
                caller.post("/events", "{\"name\":\"e\",\"channel\":\"r09\"}"));
        for (String name :
                List.of("", "x".repeat(201), "pusher:x", "pusher_internal:x", "pushy:open", "a\\nb", "\\ud83d")) {
            assertRefused(400, caller.post("/events", "{\"name\":\"" + name + "\"" + end));
        }
        for (String id : List.of("", "1", "1.", ".1", "1.2.3", "a.b", "1.2\\n", "-1.2")) {
            assertRefused(400, caller.post("/events", "{\"name\":\"e\",\"socket_id\":\"" + id + "\"" + end));
        }
        assertRefused(400, caller.post("/events", "{\"name\":\"e\",\"socket_id\":7" + end));
        for (String channel : List.of("", "a b", "#x", "x".repeat(201), "a/b", "\u00e9", "#server-to-user-")) {
            assertRefused(400, caller.post("/events", event(channel, "1")));
        }
        for (String info : List.of("cache", "members", "user_count,", "user_count;subscription_count")) {
            assertRefused(400, caller.post("/events", "{\"name\":\"e\",\"info\":\"" + info + "\"" + end));
        }
        for (String body : List.of("", "[]", "null", "{\"name\":", "x", "{}x")) {
            assertRefused(400, caller.post("/events", body));
        }
        assertEquals(
                200,
                caller.post("/events", "{\"name\":\"" + "x".repeat(200) + "\"" + end)
                        .status());
        assertEquals(200, caller.post("/events", event("x".repeat(200), "1")).status());
        assertEquals(
                200,
                caller.post("/events", "{\"name\":\"e\",\"socket_id\":null,\"info\":\"\",\"more\":{\"x\":[1]}" + end)
                        .status());
        assertEquals(
                200,
                caller.post("/events", "{\"name\":\"e\",\"socket_id\":\"" + "1".repeat(500) + ".1\"" + end)
                        .status());
    }

    @Test
    void R10_event_isNotDeliveredToTheSocketThatCausedIt_butCached() {
        try (WsClient a = subscriber("cache-r10");
                WsClient b = subscriber("cache-r10")) {
            String socketId = a.next("open").get("connection").asText();
            b.opened();
            caller.post(
                    "/events",
                    "{\"name\":\"e\",\"channel\":\"cache-r10\",\"data\":\"not to a\",\"socket_id\":\"" + socketId
                            + "\"}");
            caller.post("/events", event("cache-r10", "to all"));
            assertEquals("not to a", b.next("message").get("data").asText());
            assertEquals("to all", b.next("message").get("data").asText());
            assertEquals("to all", a.next("message").get("data").asText());
            caller.post(
                    "/events",
                    "{\"name\":\"e\",\"channel\":\"cache-r10\",\"data\":\"kept\",\"socket_id\":\"" + socketId + "\"}");
            assertEquals(
                    "kept",
                    caller.get("/channels/cache-r10", "info", "cache")
                            .json()
                            .get("cache")
                            .get("data")
                            .asText());
        }
    }

    @Test
    void R11_info_tellsOfEachChannelWhatApplies() {
        join("presence-r11", "u1", "u2");
        occupy("presence-r11", 3);
        occupy("r11", 13);
        String body =
                "{\"name\":\"e\",\"data\":\"1\",\"channels\":[\"presence-r11\",\"r11\",\"#server-to-user-u1\"],\"info\":\"";
        assertJson(
                "{\"channels\":{\"presence-r11\":{\"user_count\":2,\"subscription_count\":3},"
                        + "\"r11\":{\"subscription_count\":13},\"#server-to-user-u1\":{}}}",
                caller.post("/events", body + "user_count, subscription_count\"}"));
        assertJson(
                "{\"channels\":{\"presence-r11\":{\"user_count\":2},\"r11\":{},\"#server-to-user-u1\":{}}}",
                caller.post("/events", body + "user_count\"}"));
        assertJson(
                "{\"channels\":{\"r11\":{}}}",
                lenient.post(
                        "/events",
                        "{\"name\":\"e\",\"data\":\"1\",\"channel\":\"r11\",\"info\":\"subscription_count\"}"));
    }

    private static String batch(int count, String channel, String last) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"name\":\"e\",\"channel\":\"" + channel + "\",\"data\":\"" + i + "\""
                        + (i == count - 1 ? last : "") + "}")
                .collect(Collectors.joining(",", "{\"batch\":[", "]}"));
    }

    @Test
    void R12_batch_isPublishedInOrder_andAnsweredWithAnArray() {
        occupy("r12", 4);
        try (WsClient client = subscriber("r12.order")) {
            client.opened();
            assertJson("{}", caller.post("/batch_events", batch(10, "r12.order", "")));
            for (int i = 0; i < 10; i++) {
                assertEquals(i, client.next("message").get("data").asInt());
            }
        }
        assertRefused(400, caller.post("/batch_events", batch(11, "r12", "")));
        assertRefused(400, caller.post("/batch_events", "{\"batch\":[]}"));
        assertRefused(400, caller.post("/batch_events", "{\"batch\":{}}"));
        assertRefused(400, caller.post("/batch_events", "{\"batch\":[1]}"));
        assertRefused(400, caller.post("/batch_events", "{}"));
        assertJson(
                "{\"batch\":[{},{},{\"subscription_count\":4}]}",
                caller.post("/batch_events", batch(3, "r12", ",\"info\":\"subscription_count\"")));
        assertJson("{\"batch\":[{}]}", caller.post("/batch_events", batch(1, "r12", ",\"info\":\"user_count\"")));
    }

    @Test
    void R12_batch_leavesOutTheSocketOfEachEvent() {
        try (WsClient a = subscriber("r12.except");
                WsClient b = subscriber("r12.except")) {
            String idA = a.next("open").get("connection").asText();
            String idB = b.next("open").get("connection").asText();
            assertJson(
                    "{}",
                    caller.post(
                            "/batch_events",
                            "{\"batch\":["
                                    + "{\"name\":\"e\",\"channel\":\"r12.except\",\"data\":\"b\",\"socket_id\":\"" + idA
                                    + "\"},"
                                    + "{\"name\":\"e\",\"channel\":\"r12.except\",\"data\":\"a\",\"socket_id\":\"" + idB
                                    + "\"},"
                                    + "{\"name\":\"e\",\"channel\":\"r12.except\",\"data\":\"both\"}]}"));
            assertEquals("a", a.next("message").get("data").asText());
            assertEquals("both", a.next("message").get("data").asText());
            assertEquals("b", b.next("message").get("data").asText());
            assertEquals("both", b.next("message").get("data").asText());
        }
    }

    @Test
    void R13_batchWithOneInvalidEvent_publishesNothing() {
        try (WsClient client = subscriber("r13")) {
            client.opened();
            assertRefused(400, caller.post("/batch_events", batch(3, "r13", ",\"socket_id\":\"x\"")));
            assertRefused(400, caller.post("/batch_events", batch(3, "r13", ",\"info\":\"x\"")));
            assertRefused(
                    413,
                    caller.post("/batch_events", batch(3, "r13", "").replace("\"2\"", quoted("x".repeat(10_241)))));
            assertRefused(400, caller.post("/batch_events", batch(3, "r13", "").replace("\"2\"", "2")));
            assertRefused(
                    400, caller.post("/events", "{\"name\":\"e\",\"data\":\"1\",\"channels\":[\"r13\",\"a b\"]}"));
            caller.post("/events", event("r13", "only"));
            assertEquals("only", client.next("message").get("data").asText());
        }
    }

    @Test
    void R14_withoutChannels_theListIsAnEmptyObject() {
        assertEquals("{\"channels\":{}}", lenient.get("/channels").body());
        assertEquals(
                "{\"channels\":{}}",
                caller.get("/channels", "filter_by_prefix", "r14.none").body());
    }

    @Test
    void R14_channels_areThoseOccupied_ofTheAppAlone() {
        occupy("r14.a", 1);
        occupy("r14.b", 2);
        occupy("presence-r14", 2);
        join("presence-r14", "u1", "u2");
        caller.post("/events", event("r14.vacant", "1"));
        assertJson("{\"channels\":{\"r14.a\":{},\"r14.b\":{}}}", caller.get("/channels", "filter_by_prefix", "r14."));
        assertJson(
                "{\"channels\":{\"presence-r14\":{\"user_count\":2}}}",
                caller.get("/channels", "filter_by_prefix", "presence-r14", "info", "user_count"));
        assertJson("{\"channels\":{}}", lenient.get("/channels"));
    }

    @Test
    void R15_userCounts_withoutThePrefixOfPresence_areRefused() {
        String text =
                "user_count may only be requested for presence channels - please supply filter_by_prefix beginning"
                        + " with presence-";
        assertLine(400, text, caller.get("/channels", "info", "user_count"));
        assertLine(400, text, caller.get("/channels", "info", "user_count", "filter_by_prefix", "presence"));
        assertRefused(400, caller.get("/channels", "info", "subscription_count", "filter_by_prefix", "presence-"));
    }

    @Test
    void R16_channelThatNobodyUses_isNotOccupied() {
        assertEquals("{\"occupied\":false}", caller.get("/channels/r16").body());
        assertEquals("{\"occupied\":false}", caller.get("/channels/r16/stats").body());
        assertJson(
                "{\"occupied\":false,\"user_count\":0,\"subscription_count\":0}",
                caller.get("/channels/presence-r16", "info", "user_count,subscription_count"));
        occupy("r16;@,=.", 3);
        for (String path : List.of("/channels/r16;@,=.", "/channels/r16%3B%40%2C%3D%2E")) {
            assertJson("{\"occupied\":true,\"subscription_count\":3}", caller.get(path, "info", "subscription_count"));
        }
        assertRefused(400, caller.get("/channels/a%20b"));
        assertRefused(400, lenient.get("/channels/r16", "info", "subscription_count"));
    }

    @Test
    void R17_cache_isTheLastEventAndItsTime_orNull() {
        assertJson("{\"occupied\":false,\"cache\":null}", caller.get("/channels/private-cache-r17", "info", "cache"));
        for (String data : List.of("{\"a\": 1}", "plain \u2603", "", "\"quoted\"", "\\")) {
            caller.post("/events", event("private-cache-r17", data));
            JsonNode cache = caller.get("/channels/private-cache-r17", "info", "cache")
                    .json()
                    .get("cache");
            assertEquals(data, cache.get("data").asText());
            assertTrue(cache.get("ttl").isIntegralNumber());
            assertTrue(cache.get("ttl").asInt() > 1_700 && cache.get("ttl").asInt() <= 1_800, cache.toString());
        }
        assertRefused(400, caller.get("/channels/r17", "info", "cache"));
        assertRefused(400, caller.get("/channels/x-cache-r17", "info", "cache"));
    }

    @Test
    void R17_nativePublish_fillsTheCache_andPlainChannelsHaveNone() {
        server.publish("cache-r17", "{\"from\":[\"native\"]}");
        assertEquals(
                "{\"from\":[\"native\"]}",
                caller.get("/channels/cache-r17", "info", "cache")
                        .json()
                        .get("cache")
                        .get("data")
                        .asText());
        assertEquals(
                200,
                server.post("/publish/cache-r17", "{\"data\":2,\"history\":false}", NodeServer.publisher())
                        .status());
        assertEquals(
                "2",
                caller.get("/channels/cache-r17", "info", "cache")
                        .json()
                        .get("cache")
                        .get("data")
                        .asText());
        server.publish("r17.plain", "1");
        assertTrue(server.pushy
                .retained(Channel.of("r17.plain"))
                .toCompletableFuture()
                .join()
                .isEmpty());
    }

    @Test
    void R18_usersAndUserCount_ofAChannelWithoutPresence_areRefused() {
        assertRefused(400, caller.get("/channels/r18/users"));
        assertLine(
                400,
                "Cannot retrieve the user count unless the channel is a presence channel",
                caller.get("/channels/r18", "info", "user_count"));
        assertJson("{\"users\":[]}", caller.get("/channels/presence-r18/users"));
        join("presence-r18", "1", "2");
        assertJson("{\"users\":[{\"id\":\"1\"},{\"id\":\"2\"}]}", caller.get("/channels/presence-r18/users"));
    }

    @Test
    void data_thatIsNoJson_reachesOthersAsText() {
        try (WsClient client = subscriber("text")) {
            client.opened();
            for (String data : List.of("x", "", "{\"a\":", "\u00e9\ud83d\ude00", "\"")) {
                assertJson("{}", caller.post("/events", event("text", data)));
                JsonNode got = client.next("message").get("data");
                assertTrue(got.isTextual());
                assertEquals(data, got.asText());
            }
            for (String data : List.of("5", "null", " [1, 2] ", "\"s\"")) {
                caller.post("/events", event("text", data));
                assertEquals(NodeServer.json(data), client.next("message").get("data"));
            }
        }
    }

    @Test
    void data_thatIsNoString_isTakenWhereTheAppIsLenient() {
        assertJson("{}", lenient.post("/events", "{\"name\":\"e\",\"channel\":\"cache-x\",\"data\":{\"a\" : 1}}"));
        assertEquals(
                "{\"a\" : 1}",
                lenient.get("/channels/cache-x", "info", "cache")
                        .json()
                        .get("cache")
                        .get("data")
                        .asText());
        assertRefused(400, lenient.post("/events", "{\"name\":\"e\",\"channel\":\"x\"}"));
        assertRefused(
                413,
                lenient.post(
                        "/events", "{\"name\":\"e\",\"channel\":\"x\",\"data\":[\"" + "x".repeat(10_240) + "\"]}"));
    }

    @Test
    void parameters_ofAPost_mayStandInItsQuery() {
        try (WsClient client = subscriber("query.a", "query.b")) {
            client.opened();
            Map<String, String> parameters = PusherCaller.map("name", "e", "data", "a b+c", "channels[]", "query.a");
            assertJson("{}", caller.send("POST", "/apps/1001/events", parameters, "", Instant.now()));
            assertEquals("a b+c", client.next("message").get("data").asText());
            parameters = PusherCaller.map("name", "e", "data", "1", "channels[0]", "query.a", "channels[1]", "query.b");
            assertJson("{}", caller.send("POST", "/apps/1001/events", parameters, "", Instant.now()));
            assertEquals("query.a", client.next("message").get("channel").asText());
            assertEquals("query.b", client.next("message").get("channel").asText());
        }
    }

    @Test
    void deprecatedEvents_takeTheWholeBodyAsData() {
        try (WsClient client = subscriber("old")) {
            String socketId = client.next("open").get("connection").asText();
            String path = "/apps/1001/channels/old/events";
            Answer answer = caller.send("POST", path, Map.of("name", "e"), "{\"a\":1}", Instant.now());
            assertEquals(202, answer.status());
            assertEquals("{}", answer.body());
            assertEquals(1, client.next("message").get("data").get("a").asInt());
            caller.send("POST", path, PusherCaller.map("name", "e", "socket_id", socketId), "2", Instant.now());
            caller.send("POST", path, Map.of("name", "e"), "plain", Instant.now());
            assertEquals("plain", client.next("message").get("data").asText());
            assertLine(
                    400,
                    "Expected name parameter to be a string",
                    caller.send("POST", path, Map.of(), "x", Instant.now()));
            assertRefused(413, caller.send("POST", path, Map.of("name", "e"), "x".repeat(10_241), Instant.now()));
        }
    }

    @Test
    void terminate_endsTheConnectionsOfTheUser_onBothPaths() {
        for (String path : List.of("/apps/1001/users/", "/users/")) {
            try (WsClient gone = server.webSocket("?channels=a&token=" + server.token("u@;,=1", "**"));
                    WsClient other = server.webSocket("?channels=a&token=" + server.token("u2", "**"))) {
                gone.opened();
                other.opened();
                assertJson(
                        "{}",
                        caller.send("POST", path + "u@;,=1/terminate_connections", Map.of(), "{}", Instant.now()));
                assertEquals(4403, gone.closeCode());
                caller.post("/events", event("a", "1"));
                other.next("message");
            }
        }
        assertJson(
                "{}",
                caller.send("POST", "/apps/1001/users/nobody/terminate_connections", Map.of(), "", Instant.now()));
    }

    @Test
    void terminate_ofTheEmptyUser_isRefused() {
        assertRefused(
                400, caller.send("POST", "/apps/1001/users//terminate_connections", Map.of(), "{}", Instant.now()));
        assertRefused(400, caller.send("POST", "/users//terminate_connections", Map.of(), "{}", Instant.now()));
    }

    @Test
    void terminate_withoutAnAppsId_asksForTheKey() {
        String path = "/users/u1/terminate_connections";
        assertLine(401, "Missing parameter: auth_key", server.post(path, "{}"));
        PusherCaller unknown = new PusherCaller(server, "", "key-9", "secret-1");
        assertLine(401, "Unknown auth_key", unknown.send("POST", path, Map.of(), "{}", Instant.now()));
        PusherCaller wrong = new PusherCaller(server, "", "key-1", "secret-2");
        assertRefused(401, wrong.send("POST", path, Map.of(), "{}", Instant.now()));
    }

    @Test
    void disabledApp_isForbidden_toThoseWhoKnowItsSecret() {
        PusherCaller disabled = new PusherCaller(server, "1003", "key-3", "secret-3");
        assertLine(403, "The app 1003 is disabled", disabled.get("/channels"));
        assertRefused(401, new PusherCaller(server, "1003", "key-3", "secret-1").get("/channels"));
    }

    @Test
    void otherPathsAndMethods_areRefused() {
        assertRefused(404, caller.get("/nothing"));
        assertRefused(404, caller.get("/channels/a/b"));
        assertRefused(404, caller.get("/channels/a/users/b"));
        assertRefused(404, server.get("/apps/1001"));
        assertRefused(404, server.get("/users/u1/terminate"));
        Answer wrong = caller.get("/events");
        assertRefused(405, wrong);
        assertEquals("POST", wrong.header("Allow"));
        assertRefused(
                405,
                server.send(HttpRequest.newBuilder(URI.create(server.url("/apps/1001/channels")))
                        .DELETE()));
    }

    @Test
    void signature_overThePathWithTheMount_isAccepted() {
        String query = caller.query("GET", "/push/apps/1001/channels", Map.of(), new byte[0], Instant.now());
        assertEquals(200, server.get("/apps/1001/channels?" + query).status());
    }

    @Test
    void event_ofAnApp_staysThere() {
        try (WsClient client = subscriber("tenant")) {
            client.opened();
            assertJson("{}", lenient.post("/events", event("tenant", "other")));
            assertJson("{}", caller.post("/events", event("tenant", "own")));
            assertEquals("own", client.next("message").get("data").asText());
        }
    }

    @Test
    void eventForAUser_isNotKept() {
        assertJson("{}", caller.post("/events", event("#server-to-user-u 1", "1")));
        assertRefused(400, caller.get("/channels/%23server-to-user-u1/users"));
        assertNull(caller.get("/channels").json().get("channels").get("#server-to-user-u 1"));
    }

    @Test
    void nativeApi_besideIt_isUnchanged() {
        assertTrue(server.publish("beside", "1").startsWith("a"));
        assertEquals(404, server.get("/apps").status());
        assertEquals("application/problem+json", server.get("/apps").header("Content-Type"));
    }

    @Test
    void prefix_movesThePaths() {
        try (NodeServer moved =
                new NodeServer(node -> node, settings -> settings.apps(APPS).pusherPath("/a/b/"))) {
            PusherCaller below = new PusherCaller(moved, "1001", "key-1", "secret-1");
            assertEquals(
                    200,
                    below.send("GET", "/a/b/apps/1001/channels", Map.of(), "", Instant.now())
                            .status());
            Answer old = below.get("/channels");
            assertEquals(404, old.status());
            assertEquals("application/problem+json", old.header("Content-Type"));
        }
    }

    @Test
    void limits_ofTheApp_areItsOwn() {
        AppLimits limits = new AppLimits(
                0, 30, 20, 10, 2, 3, 100, 128, 1_024, 100, 10, Duration.ofMinutes(2), Duration.ofMinutes(1));
        Apps apps = new Apps(
                List.of(PusherApp.builder("5").key("k", "s").limits(limits).build()));
        try (NodeServer small = new NodeServer(node -> node, settings -> settings.apps(apps))) {
            PusherCaller backend = new PusherCaller(small, "5", "k", "s");
            assertEquals(
                    200,
                    backend.post("/events", event("x".repeat(20), "x".repeat(30)))
                            .status());
            assertRefused(413, backend.post("/events", event("x", "x".repeat(31))));
            assertRefused(400, backend.post("/events", event("x".repeat(21), "x")));
            assertRefused(400, backend.post("/events", "{\"name\":\"12345678901\",\"channel\":\"x\",\"data\":\"x\"}"));
            assertRefused(
                    400, backend.post("/events", "{\"name\":\"e\",\"channels\":[\"a\",\"b\",\"c\"],\"data\":\"x\"}"));
            assertRefused(400, backend.post("/batch_events", batch(4, "x", "")));
            assertEquals(200, backend.post("/batch_events", batch(3, "x", "")).status());
            assertRefused(413, backend.post("/events", event("x", "x".repeat(20_000))));
        }
    }
}
