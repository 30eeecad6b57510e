package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.Channel;
import dev.pushy.core.CloseReason;
import dev.pushy.core.Limits;
import dev.pushy.core.Publication;
import dev.pushy.undertow.protocol.Origins;
import dev.pushy.undertow.pusher.AppRegistry;
import dev.pushy.undertow.pusher.PusherApp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections of the Pusher protocol begin, stay and end, by the rows C of the checklist, over real sockets. */
class PusherConnectionTest {
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static final PusherApiTest.Apps APPS = new PusherApiTest.Apps(List.of(
            PusherApps.app("1", "main").build(),
            PusherApps.app("2", "off")
                    .features(PusherApps.features(false, false))
                    .build(),
            PusherApps.app("3", "tls").features(PusherApps.features(true, true)).build(),
            PusherApps.app("4", "one").limits(PusherApps.connections(1)).build(),
            PusherApps.app("5", "quick").limits(PusherApps.activity(SHORT)).build(),
            PusherApps.app("6", "strict")
                    .origins(Origins.of(List.of("https://good.example")))
                    .build()));

    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer(node -> node, settings -> settings.apps(APPS).pongTimeout(SHORT.multipliedBy(3)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static PusherSocket connect() {
        return PusherSocket.connect(server, "main-key");
    }

    @Test
    void C01_validKey_firstFrameSaysSocketIdAndActivityTimeout() {
        try (PusherSocket client = PusherSocket.open(server, "/app/main-key?protocol=7")) {
            JsonNode data = PusherSocket.data(client.next("pusher:connection_established"));
            assertTrue(data.get("socket_id").textValue().matches("[0-9]+\\.[0-9]+"), data::toString);
            assertTrue(data.get("activity_timeout").isInt());
            assertEquals(120, data.get("activity_timeout").asInt());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?protocol=4",
                "?protocol=5",
                "?protocol=6",
                "",
                "?client=java-client&protocol=5&version=2.4.4",
                "?protocol=5&client=pusher-dotnet-client&version=2.3.0",
                "?protocol=7&client=js&version=8.6.0&flash=false",
                "?version=10.1.5-beta.1&unknown=1&unknown=2",
                "?version=",
            })
    void C02_everyClientsAddress_isEstablished(String query) {
        try (PusherSocket client =
                PusherSocket.open(server, "/app/main-key" + query).established()) {
            client.nothingElse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "8", "abc", "", "7.0", "-7", "07"})
    void C03_unsupportedProtocol_errorThenClose4007(String protocol) {
        try (PusherSocket client = PusherSocket.open(server, "/app/main-key?protocol=" + protocol)) {
            assertEquals("Unsupported protocol version", client.refused(4007));
        }
    }

    @Test
    void C04_unknownKey_errorThenClose4001() {
        try (PusherSocket client = PusherSocket.open(server, "/app/nobody?protocol=7")) {
            assertEquals(
                    "App key nobody not in this cluster. Did you forget to specify the cluster?", client.refused(4001));
        }
    }

    @Test
    void C05_disabledApp_errorThenClose4003() {
        try (PusherSocket client = PusherSocket.open(server, "/app/off-key?protocol=7")) {
            client.refused(4003);
        }
    }

    @Test
    void C06_appAtItsLimit_4004UntilOneLeaves() {
        try (PusherSocket first = PusherSocket.connect(server, "one-key")) {
            try (PusherSocket second = PusherSocket.open(server, "/app/one-key?protocol=7")) {
                assertEquals("Account over quota", second.refused(4004));
            }
            first.nothingElse();
        }
        NodeServer.await("room for another", () -> {
            try (PusherSocket client = PusherSocket.open(server, "/app/one-key?protocol=7")) {
                return client.next().get("event").asText().equals("pusher:connection_established");
            }
        });
    }

    @Test
    void C07_tlsOnlyAppWithoutTls_errorThenClose4000() {
        try (PusherSocket client = PusherSocket.open(server, "/app/tls-key?protocol=7")) {
            client.refused(4000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/foo", "/app", "/app/", "/app/main-key/more", "/channels/no/such", "/"})
    void C08_otherPath_errorThenClose4005(String path) {
        try (PusherSocket client = PusherSocket.open(server, path + "?protocol=7")) {
            assertEquals("Path not found", client.refused(4005));
        }
    }

    @Test
    void C08_noWebSocket_isAnHttpError() {
        assertEquals(426, server.get("/app/main-key").status());
        assertEquals(404, server.get("/foo").status());
    }

    @Test
    void C09_offeredSubprotocol_isEchoedAndNoneElse() {
        String header = "sec-websocket-protocol: pusher-channels-protocol-7";
        try (PusherSocket client = PusherSocket.open(
                server, "/app/main-key?protocol=7", "Sec-WebSocket-Protocol: chat, pusher-channels-protocol-7")) {
            assertTrue(client.head.toLowerCase(Locale.ROOT).contains(header + "\r\n"), client.head);
        }
        try (PusherSocket client = connect()) {
            assertFalse(client.head.toLowerCase(Locale.ROOT).contains("sec-websocket-protocol"), client.head);
        }
    }

    @Test
    void C10_socketIds_areDistinctAcrossNodes() {
        Set<String> ids = new HashSet<>();
        try (NodeServer other = new NodeServer(node -> node, settings -> settings.apps(APPS))) {
            List<PusherSocket> sockets = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                sockets.add(PusherSocket.connect(i % 2 == 0 ? server : other, "main-key"));
            }
            sockets.forEach(socket -> assertTrue(ids.add(socket.id()), socket.id()));
            for (int i = 0; i < 900; i++) {
                assertTrue(ids.add((i % 2 == 0 ? server : other).pushy.hub().newConnectionId()));
            }
            sockets.forEach(PusherSocket::close);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"event\":\"pusher:ping\",\"data\":{}}",
                "{\"event\": \"pusher:ping\"}",
                "{\"event\":\"pusher:ping\",\"data\":null}",
            })
    void C11_pingEvent_isAnsweredByOnePong(String ping) {
        try (PusherSocket client = connect()) {
            assertEquals("{}", client.send(ping).next("pusher:pong").get("data").asText());
            client.send("{\"event\":\"pusher:pong\",\"data\":{}}");
            client.nothingElse();
        }
    }

    @Test
    void C12_webSocketPing_isAnsweredWithItsPayload() {
        try (PusherSocket client = connect()) {
            client.ping("are you there");
            PusherSocket.Frame frame = client.frame();
            assertTrue(frame.isPong());
            assertEquals("are you there", frame.text());
        }
    }

    @Test
    void C13_clientThatOnlySendsPings_staysHoweverMany() {
        try (PusherSocket client = PusherSocket.connect(server, "quick-key")) {
            long until = System.nanoTime() + SHORT.multipliedBy(3).toNanos();
            int pings = 0;
            while (pings < 1_000 || System.nanoTime() < until) {
                client.ping(String.valueOf(pings++));
                PusherSocket.Frame frame = client.frame();
                if (frame.isPing()) { // this client was slow
                    client.pong(frame.payload());
                    frame = client.frame();
                }
                assertTrue(frame.isPong());
            }
            client.nothingElse();
        }
    }

    @Test
    void C14_silentClientThatDoesNotAnswer_isPingedThenClosed4201() {
        try (PusherSocket client = PusherSocket.connect(server, "quick-key")) {
            assertTrue(client.frame().isPing());
            assertEquals("Pong reply not received", client.refused(4201));
        }
    }

    @Test
    void C15_clientThatAnswersPingsOnly_staysOpen() {
        try (PusherSocket client = PusherSocket.connect(server, "quick-key")) {
            for (int i = 0; i < 3; i++) {
                PusherSocket.Frame ping = client.frame();
                assertTrue(ping.isPing());
                client.pong(ping.payload());
            }
            client.nothingElse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "",
                "[]",
                "{}",
                "\"x\"",
                "5",
                "null",
                "{\"event\":5}",
                "{\"event\":null}",
                "{\"event\":\"pusher:ping\"",
                "{\"event\":\"pusher:ping\"}{}",
                "{\"event\":\"a\",\"event\":\"b\"}",
            })
    void C16_malformedText_errorAndStillOpen(String text) {
        try (PusherSocket client = connect()) {
            assertEquals("Invalid JSON", client.send(text).error());
            client.nothingElse();
        }
    }

    @Test
    void C16_textNestedTooDeep_errorAndStillOpen() {
        String deep = "[".repeat(1_000) + "]".repeat(1_000);
        try (PusherSocket client = connect()) {
            assertEquals(
                    "Invalid JSON",
                    client.send("{\"event\":\"x\",\"data\":" + deep + "}").error());
            client.nothingElse();
        }
    }

    @Test
    void C17_binaryFrame_errorAndStillOpen() {
        try (PusherSocket client = connect()) {
            client.sendBinary("{\"event\":\"pusher:ping\"}".getBytes(StandardCharsets.UTF_8));
            client.error();
            client.nothingElse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "my-event",
                "pusher:bogus",
                "pusher_internal:x",
                "pusher_internal:subscription_succeeded",
                "xclient-y",
                "client",
                "Client-x",
                "pushy:gap",
                "",
            })
    void C18_unknownEvent_errorAndStillOpen(String event) {
        try (PusherSocket client = connect()) {
            client.send("{\"event\":\"" + event + "\",\"channel\":\"room\",\"data\":{}}");
            assertEquals("Unsupported event received on socket: " + event, client.error());
            client.nothingElse();
        }
    }

    @Test
    void C19_drain_closesEachWith4200AndSendsNewOnesAwayForAWhile() {
        try (NodeServer draining = new NodeServer(node -> node, settings -> settings.apps(APPS));
                PusherSocket first = PusherSocket.connect(draining, "main-key");
                PusherSocket second = PusherSocket.connect(draining, "main-key")) {
            var drained = draining.handler.drain(Duration.ofMillis(400)).toCompletableFuture();
            assertEquals("Please reconnect immediately", first.refused(4200));
            assertEquals("Please reconnect immediately", second.refused(4200));
            NodeServer.await("all are gone", drained::isDone);
            try (PusherSocket late = PusherSocket.open(draining, "/app/main-key?protocol=7")) {
                assertEquals("Over capacity: this server is stopping", late.refused(4100));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/app/main-key?protocol=3, 4007",
        "/app/nobody, 4001",
        "/app/off-key, 4003",
        "/app/tls-key, 4000",
        "/app/main-key/x, 4005",
        "/app/main-key?version=!, 4006",
    })
    void C20_refusal_firstFrameIsAnErrorWithANumber(String target, int code) {
        try (PusherSocket client = PusherSocket.open(server, target)) {
            client.refused(code);
        }
    }

    @Test
    void version_thatIsNone_errorThenClose4006() {
        try (PusherSocket client = PusherSocket.open(server, "/app/main-key?protocol=7&version=latest")) {
            assertEquals("Invalid version string format", client.refused(4006));
        }
    }

    @Test
    void origin_thatIsNotAllowed_errorThenClose4009() {
        try (PusherSocket client = PusherSocket.open(server, "/app/strict-key", "Origin: https://bad.example")) {
            assertEquals("Origin not allowed", client.refused(4009));
        }
        for (String origin : List.of("https://good.example", "http://localhost")) {
            try (PusherSocket client = PusherSocket.open(server, "/app/strict-key", "Origin: " + origin)) {
                client.established();
            }
        }
        try (PusherSocket client = PusherSocket.open(server, "/app/strict-key")) {
            client.established();
        }
    }

    @Test
    void frame_upTo64KiB_isRead() {
        try (PusherSocket client = connect()) {
            client.send("{\"event\":\"x\",\"data\":\"" + "y".repeat(60_000) + "\"}");
            client.error();
            client.nothingElse();
        }
    }

    @Test
    void frame_thatIsTooLarge_closes1009() {
        try (PusherSocket client = connect()) {
            client.send("{\"event\":\"x\",\"data\":\"" + "y".repeat(70_000) + "\"}");
            assertEquals(1009, client.closed().code());
        }
    }

    @Test
    void framesBeforeTheAnswer_areUnderstoodInTheirOrder() {
        try (PusherSocket client = PusherSocket.open(server, "/app/main-key?protocol=7")) {
            client.send("{\"event\":\"first\"}").send("{\"event\":\"second\"}");
            client.established();
            assertTrue(client.error().endsWith("first"));
            assertTrue(client.error().endsWith("second"));
            client.nothingElse();
        }
    }

    @Test
    void pathPrefix_whereConfigured_standsBeforeThePath() {
        try (NodeServer below = new NodeServer(
                        node -> node, settings -> settings.apps(APPS).pusherPath("/some/where"));
                PusherSocket client = PusherSocket.open(below, "/some/where/app/main-key?protocol=7");
                PusherSocket lost = PusherSocket.open(below, "/app/main-key?protocol=7")) {
            client.established();
            lost.refused(4005);
        }
    }

    @Test
    void registryThatFails_errorThenClose4100() {
        AppRegistry broken = new AppRegistry() {
            @Override
            public Optional<PusherApp> byKey(String key) {
                throw new IllegalStateException("the database is away");
            }

            @Override
            public Optional<PusherApp> byId(String id) {
                return Optional.empty();
            }

            @Override
            public Optional<PusherApp> byTenant(String tenant) {
                return Optional.empty();
            }
        };
        try (NodeServer faulty = new NodeServer(node -> node, settings -> settings.apps(broken));
                PusherSocket client = PusherSocket.open(faulty, "/app/main-key?protocol=7")) {
            assertEquals("Over capacity", client.refused(4100));
        }
    }

    @Test
    void clientThatDoesNotRead_errorThenClose4100() {
        try (NodeServer small = new NodeServer(
                        node -> node.limits(
                                Limits.builder().backlogBytes(16 * 1024).build()),
                        settings -> settings.apps(APPS));
                PusherSocket slow = PusherSocket.connect(small, "main-key")) {
            slow.subscribed("room");
            Publication large = Publication.of(Channel.of("main", "room"), "[\"" + "x".repeat(10_000) + "\"]");
            NodeServer.await("the client is given up", () -> {
                small.pushy.publish(large).toCompletableFuture().join();
                return small.pushy.hub().stats().closes().getOrDefault(CloseReason.SLOW_CONSUMER, 0L) > 0;
            });
            PusherSocket.Frame last = slow.frame();
            PusherSocket.Frame before = last;
            while (!last.isClose()) {
                before = last;
                last = slow.frame();
            }
            assertEquals(4100, last.code());
            assertTrue(before.text().startsWith("{\"event\":\"pusher:error\",\"data\":{\"code\":4100,"), before.text());
        }
    }

    @Test
    void fuzz_randomFramesOverASocket_disturbNobody() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (PusherSocket victim = connect();
                PusherSocket client = connect()) {
            victim.subscribed("victims-room");
            for (int i = 0; i < 300; i++) {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                if (random.nextBoolean()) {
                    client.sendBinary(bytes);
                } else {
                    client.send("{\"event\":\"" + new String(bytes, StandardCharsets.ISO_8859_1) + "\"}");
                }
                assertEquals("pusher:error", client.next().get("event").asText(), "seed " + seed);
            }
            client.nothingElse();
            victim.nothingElse();
        }
    }

    @Test
    void nativeProtocol_besidePusher_isServedAsBefore() {
        assertEquals(401, server.get("/channels/stream?channels=a").status());
        try (WsClient client = server.webSocket("?token=" + server.token("ann", "a"))) {
            client.opened();
        }
    }

    @Test
    void socketWithoutPusher_onAnUnknownPath_isNotFound() {
        try (NodeServer plain = new NodeServer()) {
            assertEquals(404, plain.get("/app/main-key").status());
        }
    }
}
