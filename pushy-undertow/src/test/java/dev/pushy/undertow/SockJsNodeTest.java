package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.Channel;
import dev.pushy.undertow.NodeServer.Answer;
import dev.pushy.undertow.protocol.Origins;
import dev.pushy.undertow.transport.sockjs.SockJsOptions;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SockJS where a node serves it: the native protocol, and the HTTP fallbacks of Pusher's by the rows H of the checklist. */
@Timeout(60)
class SockJsNodeTest {
    private static final String JS = "?protocol=7&client=js&version=8.6.0&t=1700000000000&n=1";
    private static final String ADDRESS = "{\"path\":\"/app/main-key?protocol=7&client=js&version=8.6.0\"}";
    private static final String NATIVE = "/channels/sockjs";

    private static NodeServer server;

    @BeforeAll
    static void start() {
        PusherApiTest.Apps apps = new PusherApiTest.Apps(List.of(
                PusherApps.app("1", "main").build(),
                PusherApps.app("6", "strict")
                        .origins(Origins.of(List.of("https://good.example")))
                        .build()));
        server = new NodeServer(node -> node, settings -> settings.apps(apps).sockJsHeartbeat(Duration.ofMillis(500)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static SockJsClient fallback(String key) {
        return new SockJsClient(server, "/pusher/app/" + key, JS);
    }

    private static SockJsClient subscribed(SockJsClient client) {
        client.next("event", "pusher:connection_established");
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}");
        client.next("event", "pusher_internal:subscription_succeeded");
        return client;
    }

    private static void trigger(String data) {
        Answer answer = new PusherCaller(server, "1", "main-key", "main-secret")
                .post("/events", "{\"name\":\"note\",\"channel\":\"news\",\"data\":" + PusherSocket.json(data) + "}");
        assertEquals(200, answer.status(), answer::toString);
    }

    @Test
    void H01_xhrStreaming_eventComesAfterOneOpenFrame() {
        try (SockJsClient client = subscribed(fallback("main-key").stream().opened())) {
            trigger("hello");
            assertEquals("hello", client.next("event", "note").get("data").asText());
        }
    }

    @Test
    void H02_xhrPolling_eventsWaitForTheNextPoll() {
        try (SockJsClient client = subscribed(fallback("main-key").opened())) {
            trigger("one");
            trigger("two");
            assertEquals("one", client.next("event", "note").get("data").asText());
            assertEquals("two", client.next("event", "note").get("data").asText());
        }
    }

    @Test
    void send_thatEndsItsConnection_isToldSo() throws Exception {
        try (SockJsClient client = fallback("main-key").opened()) {
            String answer = server.raw("POST /push" + client.session() + "/xhr_send HTTP/1.1\r\nHost: x\r\n"
                    + "Connection: close\r\nContent-Length: 2\r\n\r\n[]");
            assertTrue(answer.startsWith("HTTP/1.1 204"), answer);
            assertTrue(answer.contains("Connection: close"), answer);
        }
    }

    @Test
    void H03_secondStream_takesOverWithoutOpenFrameOrLoss() {
        try (SockJsClient client = subscribed(fallback("main-key").stream().opened())) {
            String large = "x".repeat(9_000);
            for (int i = 0; i < 45; i++) {
                trigger(i + large);
                assertEquals(i + large, client.next("event", "note").get("data").asText());
                if (i % 20 == 19) {
                    trigger("between" + i);
                    assertEquals("between" + i, client.next().get("data").asText());
                    client.stream();
                }
            }
        }
    }

    @Test
    void H04_idleStream_hasHeartbeatsAndEmptySendsAreNotAnswered() {
        try (SockJsClient client = subscribed(fallback("main-key").stream().opened())) {
            for (int i = 0; i < 3; i++) {
                assertEquals("h", client.frame());
                assertEquals(204, client.sendRaw("[]").status());
            }
            client.send("{\"event\":\"pusher:ping\",\"data\":{}}");
            client.next("event", "pusher:pong");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void H05_badKey_openThenErrorThenClose(boolean streaming) {
        try (SockJsClient client = fallback("no-key")) {
            if (streaming) {
                client.stream();
            }
            client.opened();
            JsonNode error = client.next("event", "pusher:error").get("data");
            assertEquals(4001, error.get("code").asInt());
            String close = client.frame();
            assertTrue(close.startsWith("c[4001,\"App key no-key"), close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xhr_streaming", "xhr", "xhr_send"})
    void H06_pageOfAnotherOrigin_isAllowedBeforehand(String transport) {
        Answer answer = server.send(
                HttpRequest.newBuilder(URI.create(server.url("/pusher/app/main-key/1/abcdefgh/" + transport + JS)))
                        .header("Origin", "https://else.example")
                        .header("Access-Control-Request-Method", "POST")
                        .header("Access-Control-Request-Headers", "content-type")
                        .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
        assertEquals(204, answer.status());
        assertEquals("*", answer.header("Access-Control-Allow-Origin"));
        assertEquals("OPTIONS, POST", answer.header("Access-Control-Allow-Methods"));
        assertEquals("Content-Type", answer.header("Access-Control-Allow-Headers"));
        assertNull(answer.header("Access-Control-Allow-Credentials"));
    }

    @Test
    void H06_pageThatTheAppDoesNotAllow_isToldInTheSession() {
        try (SockJsClient client = fallback("strict-key")) {
            assertEquals("o", client.poll("Origin", "https://bad.example"));
            assertEquals(
                    4009,
                    client.next("event", "pusher:error").get("data").get("code").asInt());
        }
        try (SockJsClient client = fallback("strict-key")) {
            assertEquals("o", client.poll("Origin", "https://good.example"));
            client.next("event", "pusher:connection_established");
        }
    }

    @Test
    void H07_vanishedClient_leavesItsChannels() {
        try (SockJsClient client = fallback("main-key").stream().opened()) {
            client.next("event", "pusher:connection_established");
            client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"lonely\"}}");
            client.next("event", "pusher_internal:subscription_succeeded");
            assertTrue(isOccupied("lonely"));
        }
        NodeServer.await("the end of the session", () -> !isOccupied("lonely"));
    }

    private static boolean isOccupied(String channel) {
        return new PusherCaller(server, "1", "main-key", "main-secret")
                .get("/channels/" + channel)
                .json()
                .get("occupied")
                .asBoolean();
    }

    @Test
    void H08_sendToUnknownSession_isNotFound() {
        assertEquals(404, fallback("main-key").sendRaw("[]").status());
    }

    @ParameterizedTest
    @CsvSource({"/pusher/app/main-key/1/abc/eventsource", "/pusher/app/main-key/1/abc", "/pusher/app/main-key/info"})
    void fallback_ofOtherPaths_isNotThere(String path) {
        assertEquals(404, server.get(path).status());
    }

    @Test
    void fallbacks_ofTwoAppsWithOneWord_areTwoSessions() {
        Answer one = server.post("/pusher/app/main-key/1/same/xhr" + JS, "");
        Answer other = server.post("/pusher/app/strict-key/1/same/xhr" + JS, "");
        assertEquals("o\n", one.body());
        assertEquals("o\n", other.body());
    }

    @Test
    void standardEndpoint_afterTheAddress_speaksPusher() {
        assertTrue(server.get("/pusher/info").json().get("websocket").asBoolean());
        assertEquals("Welcome to SockJS!\n", server.get("/pusher").body());
        try (SockJsClient client =
                new SockJsClient(server, "/pusher", "").stream().opened()) {
            client.send(ADDRESS);
            subscribed(client);
            trigger("over sockjs");
            assertEquals("over sockjs", client.next("event", "note").get("data").asText());
        }
    }

    private static Answer iframe(String mount, String query) {
        return server.get(mount + "/iframe.html" + query);
    }

    private static String asked(String script) {
        return "?js_path=" + URLEncoder.encode(script, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://js.pusher.com/8.6.0/sockjs.js",
                "https://js.pusher.com/8.6.0/sockjs.min.js",
                "https://js.pusher.com/8/sockjs.js",
            })
    void iframe_ofAPageOfPusherJs_hasTheScriptThatThePageHas(String script) {
        Answer answer = iframe("/pusher", asked(script));
        assertEquals(200, answer.status(), answer::toString);
        assertTrue(answer.body().contains("<script src=\"" + script + "\"></script>"), answer.body());
        String tag = answer.header("ETag");
        assertEquals(tag, iframe("/pusher", asked(script) + "&t=1").header("ETag"));
        assertNotEquals(tag, iframe("/pusher", "").header("ETag"), "the tag must tell pages apart");
        assertEquals(
                304,
                server.send(HttpRequest.newBuilder(URI.create(server.url("/pusher/iframe.html" + asked(script))))
                                .header("If-None-Match", tag))
                        .status());
        assertEquals(400, iframe(NATIVE, asked(script)).status(), "no client of the native protocol asks for it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "https://evil.example/8.6.0/sockjs.js",
                "https://js.pusher.com.evil.example/8.6.0/sockjs.js",
                "https://evil.example/https://js.pusher.com/8.6.0/sockjs.js",
                "https://js-pusher.com/8.6.0/sockjs.js",
                "https://js.pusher.com:8000/8.6.0/sockjs.js",
                "https://user@js.pusher.com/8.6.0/sockjs.js",
                "//js.pusher.com/8.6.0/sockjs.js",
                "javascript:alert(1)",
                "https://js.pusher.com/8.6.0/pusher.js",
                "https://js.pusher.com/../sockjs.js",
                "https://js.pusher.com/8.6./sockjs.js",
                "https://js.pusher.com/8.6.0/sockjs.js?x",
                "https://js.pusher.com/8.6.0/sockjs.js\n",
                "https://js.pusher.com/8.6.0/sockjs.js\"></script><script>alert(1)</script>",
            })
    void iframe_withAnyOtherScript_isRefused(String script) {
        Answer answer = iframe("/pusher", asked(script));
        assertEquals(400, answer.status());
        assertEquals("text/plain; charset=UTF-8", answer.header("Content-Type"));
        assertFalse(answer.body().contains("<"), answer.body());
    }

    @Test
    void iframe_withTwoScripts_isRefused() {
        String script = "js_path=http://js.pusher.com/8.6.0/sockjs.js";
        assertEquals(400, iframe("/pusher", "?" + script + "&" + script).status());
        assertEquals(200, iframe("/pusher", "?" + script).status());
    }

    @Test
    void iframe_withTheScriptOfTheServer_isThePage() {
        String script = SockJsOptions.STANDARD.clientScript().url();
        for (String mount : List.of("/pusher", NATIVE)) {
            Answer answer = iframe(mount, asked(script));
            assertEquals(200, answer.status());
            assertEquals(iframe(mount, "").body(), answer.body());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "{}",
                "{\"path\":1}",
                "{\"path\":\"/else\"}",
                "{\"path\":\"/app/%zz\"}",
                "[\"/app/x\"]"
            })
    void standardEndpoint_withoutAnAddress_isRefused(String first) {
        try (SockJsClient client = new SockJsClient(server, "/pusher", "").opened()) {
            client.send(first);
            assertEquals(
                    4005,
                    client.next("event", "pusher:error").get("data").get("code").asInt());
            assertEquals("c[4005,\"Path not found\"]", client.frame());
        }
    }

    @Test
    void standardEndpoint_thatHearsNothing_givesUp() {
        try (SockJsClient client =
                new SockJsClient(server, "/pusher", "").stream().opened()) {
            client.next("event", "pusher:error");
            assertEquals("c[4005,\"Path not found\"]", client.frame());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nativeProtocol_withItsTokenInTheFirstText_isServed(boolean streaming) {
        try (SockJsClient client = new SockJsClient(server, NATIVE, "")) {
            if (streaming) {
                client.stream();
            }
            client.opened();
            client.send("{\"type\":\"auth\",\"token\":\"" + server.token("ann", "sport.*") + "\",\"ref\":1}");
            client.next("type", "open");
            client.send("{\"type\":\"subscribe\",\"channels\":[\"sport.ski\"],\"ref\":2}");
            JsonNode answer = client.next();
            while (!answer.get("type").asText().equals("subscribed")) {
                answer = client.next();
            }
            server.publish("sport.ski", "{\"text\":\"\u2028 over\\nsockjs\"}");
            JsonNode message = client.next();
            while (!message.get("type").asText().equals("message")) {
                message = client.next();
            }
            assertEquals("\u2028 over\nsockjs", message.get("data").get("text").asText());
            assertEquals(Channel.of("sport.ski").name(), message.get("channel").asText());
        }
    }

    @Test
    void nativeProtocol_withACookieOrTokenInTheQuery_ignoresIt() {
        String token = server.token("ann", "sport.*");
        try (SockJsClient client = new SockJsClient(server, NATIVE, "?token=" + token + "&channels=sport.a")) {
            assertEquals("o", client.poll("Cookie", "pushy_token=" + token, "Authorization", "Bearer " + token));
            client.send("{\"type\":\"subscribe\",\"channels\":[\"sport.ski\"]}");
            assertEquals(
                    "unauthorized", client.next("type", "error").get("code").asText());
            assertTrue(client.frame().startsWith("c[4401,"));
        }
    }

    @Test
    void nativeProtocol_withoutAToken_isEndedAfterAWhile() {
        try (NodeServer hasty = new NodeServer(node -> node, settings -> settings.authTimeout(Duration.ofMillis(500)));
                SockJsClient client =
                        new SockJsClient(hasty, NATIVE, "").stream().opened()) {
            assertEquals(
                    "auth_timeout", client.next("type", "error").get("code").asText());
            assertTrue(client.frame().startsWith("c[4408,"));
        }
    }

    @Test
    void nativeEndpoint_forPagesOfOtherOrigins_followsTheAllowedOnes() {
        Answer allowed = server.get(NATIVE + "/info", "Origin", NodeServer.ORIGIN);
        assertEquals(NodeServer.ORIGIN, allowed.header("Access-Control-Allow-Origin"));
        assertEquals("true", allowed.header("Access-Control-Allow-Credentials"));
        Answer other = server.get(NATIVE + "/info", "Origin", "https://bad.example");
        assertEquals(200, other.status());
        assertNull(other.header("Access-Control-Allow-Origin"));
    }
}
