package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.Channel;
import dev.pushy.core.Publication;
import dev.pushy.undertow.pusher.PusherApp;
import dev.pushy.undertow.pusher.PusherListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscriptions of the Pusher protocol and what comes on them, by the rows S, K and N of the checklist. */
class PusherSubscriptionTest {
    private static final Duration CACHE_LIFE = Duration.ofMillis(400);

    private static final PusherApiTest.Apps APPS = new PusherApiTest.Apps(List.of(
            PusherApps.app("1", "main").key("second-key", "second-secret").build(),
            PusherApps.app("2", "brief").limits(PusherApps.cache(CACHE_LIFE)).build(),
            PusherApps.app("3", "counted").features(PusherApps.counting()).build(),
            PusherApps.app("4", "closed").publicChannels(List.of("news.*")).build()));

    private static final BlockingQueue<String> MISSES = new LinkedBlockingQueue<>();
    private static final BlockingQueue<String> COUNTS = new LinkedBlockingQueue<>();

    private static NodeServer server;
    private static PusherCaller caller;

    @BeforeAll
    static void start() {
        PusherListener listener = new PusherListener() {
            @Override
            public void onCacheMiss(PusherApp app, Channel channel) {
                MISSES.add(app.id() + " " + channel);
            }

            @Override
            public void onSubscriptionCount(PusherApp app, Channel channel, int count) {
                COUNTS.add(app.id() + " " + channel + " " + count);
            }
        };
        server = new NodeServer(
                node -> node.retain(channel -> APPS.byTenant(channel.app())
                        .map(app -> app.cacheLife(channel))
                        .orElse(Duration.ZERO)),
                settings -> settings.apps(APPS).pusherListener(listener));
        caller = new PusherCaller(server, "1", "main-key", "main-secret");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static PusherSocket connect() {
        return PusherSocket.connect(server, "main-key");
    }

    private static String auth(PusherSocket client, String channel) {
        return client.auth("main-key", "main-secret", channel);
    }

    private static void trigger(PusherCaller by, String channel, String event, String data) {
        NodeServer.Answer answer = by.post(
                "/events",
                "{\"name\":" + PusherSocket.json(event) + ",\"channel\":" + PusherSocket.json(channel) + ",\"data\":"
                        + PusherSocket.json(data) + "}");
        assertEquals(200, answer.status(), answer.body());
    }

    private static void trigger(String channel, String event, String data) {
        trigger(caller, channel, event, data);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"channel\":\"room-1\",\"auth\":\"\"}",
                "{\"channel\":\"room-1\"}",
                "{\"channel\":\"room-1\",\"auth\":null,\"channel_data\":null,\"more\":[1]}",
            })
    void S01_publicChannel_isSubscribedWithEmptyData(String data) {
        try (PusherSocket client = connect()) {
            client.send("{\"event\":\"pusher:subscribe\",\"data\":" + data + "}");
            JsonNode answer = client.next("pusher_internal:subscription_succeeded", "room-1");
            assertEquals("{}", answer.get("data").textValue());
        }
    }

    @Test
    void S02_dataInAString_isTakenAsWell() {
        try (PusherSocket client = connect()) {
            client.send("{\"event\":\"pusher:subscribe\",\"data\":\"{\\\"channel\\\":\\\"room-2\\\"}\"}");
            client.next("pusher_internal:subscription_succeeded", "room-2");
            client.send("{\"event\":\"pusher:unsubscribe\",\"data\":\"{\\\"channel\\\":\\\"room-2\\\"}\"}");
            client.nothingElse();
        }
    }

    @Test
    void S03_secondSubscription_isAnErrorAndEventsComeOnce() {
        try (PusherSocket client = connect()) {
            client.subscribed("room-3");
            assertEquals(
                    "Existing subscription to channel room-3",
                    client.subscribe("room-3").error());
            trigger("room-3", "e", "1");
            trigger("room-3", "e", "2");
            assertEquals("1", client.next("e", "room-3").get("data").textValue());
            assertEquals("2", client.next("e", "room-3").get("data").textValue());
            client.nothingElse();
        }
    }

    @Test
    void S04_unsubscribed_hearsNothingMore() {
        try (PusherSocket client = connect()) {
            client.subscribed("room-4");
            client.subscribed("other-4");
            client.unsubscribe("room-4").nothingElse();
            trigger("room-4", "e", "1");
            trigger("other-4", "e", "2");
            client.next("e", "other-4");
            client.subscribed("room-4");
            trigger("room-4", "e", "3");
            assertEquals("3", client.next("e", "room-4").get("data").textValue());
        }
    }

    @Test
    void S04_subscribeAndUnsubscribeInOneGo_applyInTheirOrder() {
        try (PusherSocket client = connect()) {
            client.subscribe("room-44")
                    .unsubscribe("room-44")
                    .subscribe("room-44")
                    .unsubscribe("room-44");
            client.next("pusher_internal:subscription_succeeded", "room-44");
            client.next("pusher_internal:subscription_succeeded", "room-44");
            client.subscribed("other-44");
            trigger("room-44", "e", "1");
            trigger("other-44", "e", "2");
            client.next("e", "other-44");
        }
    }

    @Test
    void S05_unsubscribeWhatIsNotSubscribed_changesNothing() {
        try (PusherSocket client = connect()) {
            client.subscribed("room-5");
            assertEquals(
                    "No current subscription to channel other-5, or subscription in progress",
                    client.unsubscribe("other-5").error());
            trigger("room-5", "e", "1");
            client.next("e", "room-5");
        }
    }

    @Test
    void S06_namesThatAreNone_areErrors() {
        try (PusherSocket client = connect()) {
            for (String name : List.of("a b", "", "x".repeat(201), "#x", "#server-to-user-", "a/b", "ü", "a*")) {
                client.subscribe(name).refused(name, 4009);
            }
            client.nothingElse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"channel\":5}", "{\"channel\":null}", "{\"channel\":[\"a\"]}"})
    void S06_noName_isAnError(String data) {
        try (PusherSocket client = connect()) {
            for (String event : List.of("pusher:subscribe", "pusher:unsubscribe")) {
                client.send("{\"event\":\"" + event + "\",\"data\":" + data + "}");
                assertEquals("Missing parameter: data.channel", client.error());
            }
            client.nothingElse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {",\"data\":5", ",\"data\":[]", ",\"data\":null", ",\"data\":\"x\"", ",\"data\":\"[]\"", ""})
    void S06_dataThatIsNoObject_isAnError(String data) {
        try (PusherSocket client = connect()) {
            for (String event : List.of("pusher:subscribe", "pusher:unsubscribe", "pusher:signin")) {
                client.send("{\"event\":\"" + event + "\"" + data + "}");
                assertEquals("Expected parameter data to be a hash", client.error());
            }
            client.nothingElse();
        }
    }

    @Test
    void S07_longNames_areTaken() {
        try (PusherSocket client = connect()) {
            client.subscribed("x".repeat(164));
            client.subscribed("x".repeat(200));
            client.subscribed("-a_b=c@d,e.f;g");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"private-8", "private-encrypted-8"})
    void S08_signedSubscription_succeedsWithEmptyData(String channel) {
        try (PusherSocket client = connect()) {
            client.subscribe(channel, "auth", auth(client, channel));
            JsonNode answer = client.next("pusher_internal:subscription_succeeded", channel);
            assertEquals("{}", answer.get("data").textValue());
            trigger(channel, "e", "secret");
            assertEquals("secret", client.next("e", channel).get("data").textValue());
        }
    }

    @Test
    void S08_anyKeyOfTheApp_mayHaveSigned() {
        try (PusherSocket client = connect()) {
            client.subscribed("private-88", "auth", client.auth("second-key", "second-secret", "private-88"));
        }
    }

    @Test
    void S09_badAuth_isRefusedAndNotSubscribed() {
        try (PusherSocket client = connect();
                PusherSocket other = connect()) {
            String name = "private-9";
            assertEquals(
                    "Auth info required to subscribe to private-9",
                    client.subscribe(name).refused(name, 401));
            for (String none : List.of("\"\"", "null", "5")) {
                assertEquals(
                        "Auth info required to subscribe to private-9",
                        client.subscribe(name, "auth", none).refused(name, 401));
            }
            for (String malformed : List.of("x", ":", "main-key:", ":abc")) {
                assertEquals(
                        "Auth value for subscription to private-9 is invalid: should be of format 'key:signature'",
                        client.subscribe(name, "auth", '"' + malformed + '"').refused(name, 401));
            }
            assertEquals(
                    "Invalid key in subscription auth data: 'brief-key'",
                    client.subscribe(name, "auth", client.auth("brief-key", "brief-secret", name))
                            .refused(name, 401));
            String wrong =
                    "Invalid signature: Expected HMAC SHA256 hex digest of " + client.id() + ":private-9, but got ";
            assertEquals(
                    wrong + "abc",
                    client.subscribe(name, "auth", "\"main-key:abc\"").refused(name, 401));
            String others = auth(other, name);
            assertTrue(client.subscribe(name, "auth", others).refused(name, 401).startsWith(wrong));
            assertTrue(client.subscribe(name, "auth", auth(client, "private-99"))
                    .refused(name, 401)
                    .startsWith(wrong));
            client.subscribed("other-9");
            trigger(name, "e", "1");
            trigger("other-9", "e", "2");
            client.next("e", "other-9");
            client.subscribed(name, "auth", auth(client, name));
        }
    }

    @Test
    void S10_privateChannelWithData_isSignedWithTheData() {
        try (PusherSocket client = connect()) {
            String data = "{\"user_id\":\"7\"}";
            String signed = client.auth("main-key", "main-secret", "private-10", data);
            client.subscribed("private-10", "auth", signed, "channel_data", PusherSocket.json(data));
            client.subscribe("private-11", "auth", auth(client, "private-11"), "channel_data", PusherSocket.json(data))
                    .refused("private-11", 401);
        }
    }

    @Test
    void S11_escapesInTheFrame_areDecodedBeforeTheSignatureIsChecked() {
        try (PusherSocket client = connect()) {
            String data = "{\"user_id\":\"a=b\",\"user_info\":{\"n\":\"<ü>\"}}";
            String escaped = PusherSocket.json(data)
                    .replace("=", "\\u003d")
                    .replace("<", "\\u003c")
                    .replace("ü", "\\u00fc");
            String signed = client.auth("main-key", "main-secret", "presence-11", data);
            JsonNode roster = client.subscribed("presence-11", "auth", signed, "channel_data", escaped);
            assertEquals("<ü>", roster.at("/presence/hash/a=b/n").asText());
        }
    }

    @Test
    void S12_prefixesThatAreNone_arePublicAndNotCached() {
        try (PusherSocket client = connect()) {
            for (String name : List.of("my-private-x", "foo-cache-y", "privatex", "private", "presence", "cache")) {
                trigger(name, "early", "1");
                client.subscribed(name);
            }
            client.nothingElse();
        }
    }

    @Test
    void S13_event_hasItsThreeMembersOnly() {
        try (PusherSocket client = connect()) {
            client.subscribed("room-13");
            trigger("room-13", "order-shipped", "{\"id\":7}");
            assertEquals(
                    NodeServer.json(
                            "{\"event\":\"order-shipped\",\"channel\":\"room-13\",\"data\":\"{\\\"id\\\":7}\"}"),
                    client.next());
        }
    }

    @Test
    void S14_data_isReceivedAsItWasTriggered() {
        try (PusherSocket client = connect()) {
            client.subscribed("room-14");
            for (String data :
                    List.of("x", "", "\"\"", "{\"a\":1}", " [1 ,\n2] ", "😀 ü", "a\tb\\c\"d\u0001", "5", "null")) {
                trigger("room-14", "e", data);
                assertEquals(data, client.next("e", "room-14").get("data").textValue());
            }
        }
    }

    @Test
    void nativeMessage_reachesPusherAsItsJsonText() {
        try (NodeServer shared = new NodeServer(
                        node -> node,
                        settings -> settings.apps(new PusherApiTest.Apps(
                                List.of(PusherApp.builder("1").key("k", "s").build()))));
                PusherSocket client = PusherSocket.connect(shared, "k");
                WsClient nativeClient = shared.webSocket("?channels=room&token=" + shared.token("ann", "room"))) {
            nativeClient.opened();
            client.subscribed("room");
            shared.publish("room", "{\"a\": [1, \"x\"]}");
            JsonNode event = client.next("message", "room");
            assertEquals("{\"a\": [1, \"x\"]}", event.get("data").textValue());
            assertEquals("x", nativeClient.next("message").at("/data/a/1").asText());
            PusherCaller rest = new PusherCaller(shared, "1", "k", "s");
            trigger(rest, "room", "e", "{\"b\":2}");
            assertEquals(2, nativeClient.next("message").at("/data/b").asInt());
            trigger(rest, "room", "e", "plain");
            assertEquals("plain", nativeClient.next("message").get("data").textValue());
        }
    }

    @Test
    void publicChannels_whereTheyAreNamed_areThoseOnly() {
        try (PusherSocket client = PusherSocket.connect(server, "closed-key")) {
            client.subscribed("news.sports");
            String refusal = client.subscribe("room").refused("room", 401);
            assertTrue(refusal.contains("pusher.public-channels"), refusal);
            client.subscribe("cache-room").refused("cache-room", 401);
            client.subscribed("private-x", "auth", client.auth("closed-key", "closed-secret", "private-x"));
        }
    }

    @Test
    void subscriptions_beyondTheNodesLimit_areRefused() {
        try (PusherSocket client = connect()) {
            for (int i = 0; i < 20; i++) {
                client.subscribed("room-" + i);
            }
            String refusal = client.subscribe("one-more").refused("one-more", 4009);
            assertTrue(refusal.contains("20"), refusal);
            client.unsubscribe("room-0");
            client.subscribed("one-more");
        }
    }

    @Test
    void dotnetClient_isToldOfARefusalByAnotherName() {
        try (PusherSocket client = PusherSocket.open(server, "/app/main-key?protocol=5&client=pusher-dotnet-client")
                .established()) {
            client.subscribe("private-x").error();
            client.next("pusher_internal:subscription_error", "private-x");
            client.subscribe("private-encrypted-x").error();
            client.nothingElse();
        }
    }

    @Test
    void javaClient_isNotToldOfARefusalOnAnEncryptedChannel() {
        try (PusherSocket client = PusherSocket.open(
                        server, "/app/main-key?client=java-client&protocol=5&version=2.4.4")
                .established()) {
            client.subscribe("private-x").refused("private-x", 401);
            client.subscribe("private-encrypted-x").error();
            client.nothingElse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cache-k1", "private-cache-k1", "private-encrypted-cache-k1"})
    void K01_emptyCache_isAMissBehindTheAnswer(String channel) throws InterruptedException {
        try (PusherSocket client = connect()) {
            assertEquals(
                    0, client.subscribed(channel, "auth", auth(client, channel)).size());
            JsonNode miss = client.next("pusher:cache_miss", channel);
            assertEquals("{}", miss.get("data").textValue());
            String told = MISSES.poll(10, TimeUnit.SECONDS);
            while (told != null && !told.equals("1 " + channel)) {
                told = MISSES.poll(10, TimeUnit.SECONDS);
            }
            assertEquals("1 " + channel, told);
            trigger(channel, "refill", "1");
            client.next("refill", channel);
        }
    }

    @Test
    void K02_cachedEvent_comesBehindTheAnswerThoughNobodyWasThere() {
        trigger("cache-k2", "first", "1");
        trigger("cache-k2", "second", "{\"n\":2}");
        try (PusherSocket client = connect()) {
            client.subscribed("cache-k2");
            assertEquals(
                    "{\"n\":2}", client.next("second", "cache-k2").get("data").textValue());
            client.nothingElse();
        }
    }

    @Test
    void K03_cache_outlivesItsSubscribers() {
        try (PusherSocket client = connect()) {
            client.subscribed("cache-k3");
            client.next("pusher:cache_miss");
            trigger("cache-k3", "e", "1");
            client.next("e", "cache-k3");
            client.unsubscribe("cache-k3").nothingElse();
        }
        Channel channel = Channel.of("main", "cache-k3");
        NodeServer.await(
                "nobody is left",
                () -> server.pushy
                                .presence()
                                .subscriberCount(channel)
                                .toCompletableFuture()
                                .join()
                        == 0);
        try (PusherSocket client = connect()) {
            client.subscribed("cache-k3");
            client.next("e", "cache-k3");
        }
    }

    @Test
    void K04_cache_afterItsLifeIsAMiss() {
        PusherCaller brief = new PusherCaller(server, "2", "brief-key", "brief-secret");
        trigger(brief, "cache-k4", "e", "1");
        NodeServer.await("the cache is empty", () -> {
            try (PusherSocket client = PusherSocket.connect(server, "brief-key")) {
                client.subscribed("cache-k4");
                return client.next().get("event").asText().equals("pusher:cache_miss");
            }
        });
    }

    @Test
    void K05_clientEvent_isNotCached() {
        String channel = "private-cache-k5";
        try (PusherSocket sender = connect();
                PusherSocket receiver = connect();
                PusherSocket late = connect()) {
            for (PusherSocket client : List.of(sender, receiver)) {
                client.subscribed(channel, "auth", auth(client, channel));
                client.next("pusher:cache_miss");
            }
            trigger(channel, "e", "1");
            sender.next("e", channel);
            receiver.next("e", channel);
            sender.send("{\"event\":\"client-x\",\"channel\":\"" + channel + "\",\"data\":{}}");
            receiver.next("client-x", channel);
            late.subscribed(channel, "auth", auth(late, channel));
            late.next("e", channel);
            late.nothingElse();
        }
    }

    @Test
    void K06_presenceCache_sendsTheRosterFirst() {
        String channel = "presence-cache-k6";
        trigger(channel, "e", "1");
        try (PusherSocket client = connect()) {
            String data = "{\"user_id\":\"u1\"}";
            JsonNode roster = client.subscribed(
                    channel,
                    "auth",
                    client.auth("main-key", "main-secret", channel, data),
                    "channel_data",
                    PusherSocket.json(data));
            assertEquals(1, roster.at("/presence/count").asInt());
            client.next("e", channel);
        }
    }

    @Test
    void K06_encryptedCache_replaysTheCiphertextUnchanged() {
        String channel = "private-encrypted-cache-k6";
        String ciphertext =
                "{\"nonce\":\"4sVYwy4j/8dCcjyxtPCWyk19GaaViaW9\",\"ciphertext\":\"/GMESnFGlbNn01BuBjp31XYa3i9vZ\"}";
        trigger(channel, "e", ciphertext);
        try (PusherSocket client = connect()) {
            client.subscribed(channel, "auth", auth(client, channel));
            assertEquals(ciphertext, client.next("e", channel).get("data").textValue());
        }
    }

    @Test
    void N01_secondSubscriber_bothHearTheCount() {
        try (PusherSocket first = PusherSocket.connect(server, "counted-key");
                PusherSocket second = PusherSocket.connect(server, "counted-key")) {
            first.subscribed("room-n1");
            first.counted("room-n1", 1);
            second.subscribed("room-n1");
            second.counted("room-n1", 2);
            first.counted("room-n1", 2);
            second.unsubscribed("room-n1");
            first.counted("room-n1", 1);
            second.nothingElse();
            second.subscribed("room-n1");
            first.counted("room-n1", 2);
            second.close();
            first.counted("room-n1", 1);
            assertTrue(COUNTS.contains("3 room-n1 2"), COUNTS::toString);
        }
    }

    @Test
    void N01_countThatIsOff_isNotShown() {
        try (PusherSocket counted = PusherSocket.connect(server, "counted-key");
                PusherSocket silent = connect()) {
            silent.subscribed("room-n11");
            silent.nothingElse();
            counted.subscribed("room-n11");
            counted.next("pusher_internal:subscription_count");
        }
    }

    @Test
    void N01_javaClientOnAnEncryptedChannel_isSparedTheCount() {
        String channel = "private-encrypted-n1";
        try (PusherSocket java = PusherSocket.open(server, "/app/counted-key?client=java-client&protocol=5")
                        .established();
                PusherSocket other = PusherSocket.connect(server, "counted-key")) {
            java.subscribed(channel, "auth", java.auth("counted-key", "counted-secret", channel));
            other.subscribed(channel, "auth", other.auth("counted-key", "counted-secret", channel));
            other.counted(channel, 2);
            java.nothingElse();
            server.pushy.publish(
                    Publication.of(Channel.of("counted", channel), "marker", "1".getBytes(StandardCharsets.UTF_8)));
            java.next("marker", channel);
        }
    }

    @Test
    void N02_presenceAndUserChannels_areNotCounted() {
        String channel = "presence-n2";
        String data = "{\"user_id\":\"u1\"}";
        try (PusherSocket client = PusherSocket.connect(server, "counted-key")) {
            client.subscribed(
                    channel,
                    "auth",
                    client.auth("counted-key", "counted-secret", channel, data),
                    "channel_data",
                    PusherSocket.json(data));
            client.nothingElse();
            client.subscribed("room-n2");
            client.next("pusher_internal:subscription_count", "room-n2");
        }
        assertFalse(COUNTS.stream().anyMatch(told -> told.contains("presence-")), COUNTS::toString);
    }

    @Test
    void N03_manySubscribers_areToldRarelyAndTheLastNumberIsRight() {
        List<PusherSocket> crowd = new ArrayList<>();
        long began = System.nanoTime();
        try (PusherSocket watcher = PusherSocket.connect(server, "counted-key")) {
            watcher.subscribed("room-n3");
            for (int i = 0; i < 109; i++) {
                PusherSocket member = PusherSocket.connect(server, "counted-key");
                crowd.add(member);
                member.subscribe("room-n3");
            }
            int beyond = 0;
            int last = 0;
            while (last != 110) {
                last = PusherSocket.count(watcher.next("pusher_internal:subscription_count", "room-n3"));
                beyond += last > 100 ? 1 : 0;
            }
            long moments = (System.nanoTime() - began) / 5_000_000_000L;
            assertTrue(beyond <= 2 + moments, "told " + beyond + " times though there were many");
            for (int i = 0; i < 5; i++) {
                crowd.remove(0).close();
            }
            while (last != 105) {
                last = PusherSocket.count(watcher.next("pusher_internal:subscription_count", "room-n3"));
            }
        } finally {
            crowd.forEach(PusherSocket::close);
        }
    }
}
