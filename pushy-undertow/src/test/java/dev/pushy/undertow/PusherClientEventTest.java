package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.Channel;
import dev.pushy.undertow.pusher.PusherApp;
import dev.pushy.undertow.pusher.PusherListener;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that clients of the Pusher protocol send, by the rows E of the checklist. */
class PusherClientEventTest {
    private static final PusherApiTest.Apps APPS = new PusherApiTest.Apps(List.of(
            PusherApps.app("1", "main").build(),
            PusherApps.app("2", "mute")
                    .features(PusherApps.without(false, true))
                    .build()));

    /** A client event as the listener heard it. */
    private record Heard(
            String app,
            String channel,
            String event,
            String data,
            String socketId,
            @Nullable String userId) {}

    private static final BlockingQueue<Heard> HEARD = new LinkedBlockingQueue<>();

    private static NodeServer server;

    @BeforeAll
    static void start() {
        PusherListener listener = new PusherListener() {
            @Override
            public void onClientEvent(
                    PusherApp app,
                    Channel channel,
                    String event,
                    String data,
                    String socketId,
                    @Nullable String userId) {
                HEARD.add(new Heard(app.id(), channel.name(), event, data, socketId, userId));
                throw new IllegalStateException("a listener that fails");
            }
        };
        server = new NodeServer(node -> node, settings -> settings.apps(APPS).pusherListener(listener));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static PusherSocket on(String channel) {
        return on("main", channel);
    }

    private static PusherSocket on(String app, String channel) {
        PusherSocket client = PusherSocket.connect(server, app + "-key");
        client.subscribed(channel, "auth", client.auth(app + "-key", app + "-secret", channel));
        return client;
    }

    private static PusherSocket on(String channel, String userId, boolean member) {
        PusherSocket client = PusherSocket.connect(server, "main-key");
        String data = "{\"user_id\":\"" + userId + "\"}";
        client.subscribed(
                channel,
                "auth",
                client.auth("main-key", "main-secret", channel, data),
                "channel_data",
                PusherSocket.json(data));
        assertTrue(member);
        return client;
    }

    private static void send(PusherSocket client, String event, String channel, String data) {
        client.send("{\"event\":\"" + event + "\",\"channel\":\"" + channel + "\",\"data\":" + data + "}");
    }

    private static Heard heard(String channel) throws InterruptedException {
        Heard heard = HEARD.poll(10, TimeUnit.SECONDS);
        while (heard != null && !heard.channel.equals(channel)) {
            heard = HEARD.poll(10, TimeUnit.SECONDS);
        }
        return heard;
    }

    @Test
    void E01_objectAsData_comesAsItsJsonTextToTheOthersOnly() throws InterruptedException {
        try (PusherSocket a = on("private-e1");
                PusherSocket b = on("private-e1")) {
            send(a, "client-t", "private-e1", "{\"on\": true}");
            assertEquals(
                    NodeServer.json(
                            "{\"event\":\"client-t\",\"channel\":\"private-e1\",\"data\":\"{\\\"on\\\": true}\"}"),
                    b.next());
            a.nothingElse();
            assertEquals(new Heard("1", "private-e1", "client-t", "{\"on\": true}", a.id(), null), heard("private-e1"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,2]", "5", "true", "{}", "\"\"", "\"text\"", "\"{\\\"on\\\":true}\"", "\"😀\""})
    void E01_anyData_isATextForTheOthers(String data) {
        JsonNode sent = NodeServer.json(data);
        try (PusherSocket a = on("private-e11");
                PusherSocket b = on("private-e11")) {
            send(a, "client-t", "private-e11", data);
            String expected = sent.isTextual() ? sent.textValue() : data;
            assertEquals(expected, b.next("client-t").get("data").textValue());
        }
    }

    @Test
    void E02_textAsData_isPassedUnchanged() {
        try (PusherSocket a = on("private-e2");
                PusherSocket b = on("private-e2")) {
            send(a, "client-t", "private-e2", "\" { \\\"on\\\":  true }\"");
            assertEquals(" { \"on\":  true }", b.next("client-t").get("data").textValue());
        }
    }

    @Test
    void E03_presence_namesTheRealSenderAndDropsTheRest() throws InterruptedException {
        try (PusherSocket a = on("presence-e3", "ann", true);
                PusherSocket b = on("presence-e3", "bob", true)) {
            a.next("pusher_internal:member_added");
            a.send("{\"event\":\"client-t\",\"channel\":\"presence-e3\",\"data\":\"x\",\"user_id\":\"bob\","
                    + "\"socket_id\":\"1.1\",\"more\":{}}");
            assertEquals(
                    NodeServer.json("{\"event\":\"client-t\",\"channel\":\"presence-e3\",\"data\":\"x\","
                            + "\"user_id\":\"ann\"}"),
                    b.next());
            assertEquals(new Heard("1", "presence-e3", "client-t", "x", a.id(), "ann"), heard("presence-e3"));
        }
    }

    @Test
    void E03_otherConnectionOfTheSender_getsIt() {
        try (PusherSocket a = on("presence-e33", "ann", true);
                PusherSocket tab = on("presence-e33", "ann", true)) {
            send(a, "client-t", "presence-e33", "1");
            assertEquals("ann", tab.next("client-t").get("user_id").textValue());
            a.nothingElse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "room-e4, Client event rejected - only supported on private and presence channels",
        "my-private-e4, Client event rejected - only supported on private and presence channels",
        "cache-e4, Client event rejected - only supported on private and presence channels",
    })
    void E04_publicChannel_isRefused(String channel, String text) {
        try (PusherSocket a = PusherSocket.connect(server, "main-key");
                PusherSocket b = PusherSocket.connect(server, "main-key")) {
            for (PusherSocket client : List.of(a, b)) {
                client.subscribe(channel).next("pusher_internal:subscription_succeeded");
                if (channel.startsWith("cache-")) {
                    client.next("pusher:cache_miss");
                }
            }
            send(a, "client-t", channel, "{}");
            assertEquals(text, a.error());
            b.nothingElse();
        }
    }

    @Test
    void E04_notSubscribed_isRefused() {
        try (PusherSocket a = PusherSocket.connect(server, "main-key");
                PusherSocket b = on("private-e44")) {
            send(a, "client-t", "private-e44", "{}");
            String text = "Cannot broadcast client event (connection not subscribed to channel private-e44)";
            assertEquals(text, a.error());
            a.subscribed("private-e44", "auth", a.auth("main-key", "main-secret", "private-e44"));
            a.unsubscribe("private-e44");
            send(a, "client-t", "private-e44", "{}");
            assertEquals(text, a.error());
            b.nothingElse();
        }
    }

    @Test
    void E04_switchedOff_isRefused() {
        try (PusherSocket a = on("mute", "private-e45");
                PusherSocket b = on("mute", "private-e45")) {
            send(a, "client-t", "private-e45", "{}");
            assertEquals(
                    "To send client events, you must enable this feature in the Settings page of your dashboard.",
                    a.error());
            b.nothingElse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"event\":\"client-t\",\"data\":{}}",
                "{\"event\":\"client-t\",\"channel\":\"private-e46\"}",
                "{\"event\":\"client-t\",\"channel\":\"private-e46\",\"data\":null}",
                "{\"event\":\"client-t\",\"channel\":5,\"data\":{}}",
                "{\"event\":\"client-t\",\"channel\":null,\"data\":{}}",
                "{\"event\":\"client-t\"}",
            })
    void E04_withoutChannelOrData_isRefused(String text) {
        try (PusherSocket a = on("private-e46")) {
            assertEquals(
                    "Invalid client event (must contain channel and data)",
                    a.send(text).error());
            a.nothingElse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xclient-t", "client", "clientt", "CLIENT-t"})
    void E04_otherName_isRefused(String event) {
        try (PusherSocket a = on("private-e47");
                PusherSocket b = on("private-e47")) {
            send(a, event, "private-e47", "{}");
            assertEquals("Unsupported event received on socket: " + event, a.error());
            b.nothingElse();
        }
    }

    @Test
    void E04_sentRightBehindTheSubscription_isRelayed() {
        try (PusherSocket a = PusherSocket.connect(server, "main-key");
                PusherSocket b = on("private-e48")) {
            a.subscribe("private-e48", "auth", a.auth("main-key", "main-secret", "private-e48"));
            send(a, "client-t", "private-e48", "1");
            a.unsubscribe("private-e48");
            a.next("pusher_internal:subscription_succeeded");
            a.nothingElse();
            b.next("client-t", "private-e48");
        }
    }

    @Test
    void E05_moreThanTenAtOnce_are4301AndTheNextSecondWorks() {
        try (PusherSocket a = on("private-e5");
                PusherSocket b = on("private-e5")) {
            StringBuilder sent = new StringBuilder();
            for (int i = 0; i < 40; i++) {
                send(a, "client-t", "private-e5", String.valueOf(i));
                sent.append(i);
            }
            send(a, "client-end", "private-e5", "{}");
            // However slow the machine: the first is relayed, and of so many at once at least one is not.
            assertEquals("0", b.next("client-t").get("data").textValue());
            assertFalse(a.error(4301).isEmpty());
            NodeServer.await("another may be sent", () -> {
                send(a, "client-later", "private-e5", "{}");
                a.send("{\"event\":\"pusher:ping\"}");
                boolean refused = false;
                for (JsonNode event = a.next(); !event.get("event").asText().equals("pusher:pong"); event = a.next()) {
                    assertEquals(4301, event.at("/data/code").asInt());
                    refused = true;
                }
                return !refused;
            });
            JsonNode event = b.next();
            while (!event.get("event").asText().equals("client-later")) {
                event = b.next();
            }
        }
    }

    @Test
    void E06_dataOrNameThatIsTooLarge_isRefused() {
        try (PusherSocket a = on("private-e6");
                PusherSocket b = on("private-e6")) {
            send(a, "client-t", "private-e6", '"' + "x".repeat(10_241) + '"');
            assertTrue(a.error().contains("10240"));
            send(a, "client-t", "private-e6", '"' + "ü".repeat(5_121) + '"');
            assertTrue(a.error().contains("10240"));
            send(a, "client-" + "x".repeat(194), "private-e6", "{}");
            assertTrue(a.error().contains("200"));
            b.nothingElse();
            send(a, "client-t", "private-e6", '"' + "\\u0001".repeat(10_240) + '"');
            assertEquals(10_240, b.next("client-t").get("data").textValue().length());
        }
    }

    @Test
    void encryptedChannel_isRelayedUnchanged() {
        String data = "{\"nonce\":\"a\",\"ciphertext\":\"b\"}";
        try (PusherSocket a = on("private-encrypted-e7");
                PusherSocket b = on("private-encrypted-e7")) {
            send(a, "client-t", "private-encrypted-e7", data);
            assertEquals(data, b.next("client-t").get("data").textValue());
        }
    }

    @Test
    void otherApp_hearsNothing() {
        try (PusherSocket a = on("private-e8");
                PusherSocket b = on("private-e8");
                PusherSocket stranger = on("mute", "private-e8")) {
            send(a, "client-t", "private-e8", "1");
            b.next("client-t");
            stranger.nothingElse();
        }
    }
}
