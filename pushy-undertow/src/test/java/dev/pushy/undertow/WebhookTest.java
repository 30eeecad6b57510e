package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.undertow.PusherApiTest.Apps;
import dev.pushy.undertow.pusher.AppFeatures;
import dev.pushy.undertow.pusher.PusherApp;
import dev.pushy.undertow.pusher.Webhook;
import dev.pushy.undertow.pusher.WebhookEvent;
import dev.pushy.undertow.pusher.WebhookReceiver;
import dev.pushy.undertow.pusher.WebhookReceiver.Received;
import dev.pushy.undertow.pusher.WebhookSender;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Webhooks of a node whose clients come and go, over real sockets and in real time. */
class WebhookTest {

    @Test
    void W01_clientsThatComeAndGo_areTold_theLastOnesWhenTheNodeEnds() throws IOException {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            Apps apps = new Apps(List.of(PusherApp.builder("1001")
                    .key("key-1", "secret-1")
                    .webhook(Webhook.of(receiver.url()))
                    .build()));
            WebhookSender sender = new WebhookSender(apps);
            try (NodeServer server = new NodeServer(node -> node.listener(sender), settings -> settings.apps(apps))) {
                WsClient first = server.webSocket("?channels=room.1&token=" + server.token("ann", "**"));
                first.opened();
                Received occupied = receiver.next();
                assertEquals(List.of("channel_occupied room.1"), occupied.events());
                assertEquals("application/json", occupied.headers().getFirst("Content-Type"));
                assertEquals("key-1", occupied.headers().getFirst("X-Pusher-Key"));
                assertEquals(
                        PusherCaller.sign("secret-1", occupied.text()),
                        occupied.headers().getFirst("X-Pusher-Signature"));
                first.close();
                assertEquals(List.of("channel_vacated room.1"), receiver.next().events());
                try (WsClient second = server.webSocket("?channels=room.2&token=" + server.token("ann", "**"))) {
                    second.opened();
                    assertEquals(
                            List.of("channel_occupied room.2"), receiver.next().events());
                }
            }
            sender.close();
            assertEquals(List.of("channel_vacated room.2"), receiver.next().events());
        }
    }

    /** One event of a webhook, which comes without others. */
    private static JsonNode event(WebhookReceiver receiver, String name) {
        Received received = receiver.next();
        assertEquals(1, received.events().size(), received::text);
        JsonNode event = received.json().get("events").get(0);
        assertEquals(name, event.get("name").asText(), received::text);
        return event;
    }

    private static String member(String userId) {
        return "{\"user_id\":\"" + userId + "\"}";
    }

    private static void join(PusherSocket client, String channel, String userId) {
        client.subscribed(
                channel,
                "auth",
                client.auth("key-1", "secret-1", channel, member(userId)),
                "channel_data",
                PusherSocket.json(member(userId)));
    }

    /** A node with one app, and its webhooks one event at a time. */
    private static final class Told implements AutoCloseable {
        final WebhookReceiver receiver;
        final WebhookSender sender;
        final NodeServer server;

        Told(AppFeatures features) throws IOException {
            receiver = new WebhookReceiver();
            Webhook single = new Webhook(receiver.url(), Set.of(WebhookEvent.values()), false, "", "", Map.of());
            Apps apps = new Apps(List.of(PusherApp.builder("1001")
                    .key("key-1", "secret-1")
                    .features(features)
                    .webhook(single)
                    .build()));
            sender = new WebhookSender(apps);
            server = new NodeServer(
                    node -> node.listener(sender),
                    settings -> settings.apps(apps).pusherListener(sender));
        }

        PusherSocket connect() {
            return PusherSocket.connect(server, "key-1");
        }

        @Override
        public void close() {
            server.close();
            sender.close();
            receiver.close();
        }
    }

    @Test
    void W03_memberWhoComesAndGoes_isToldBetweenTheChannelsEvents() throws IOException {
        try (Told told = new Told(AppFeatures.DEFAULT)) {
            try (PusherSocket client = told.connect()) {
                join(client, "presence-w", "7");
                assertEquals(
                        "presence-w",
                        event(told.receiver, "channel_occupied").get("channel").asText());
                assertEquals(
                        "7", event(told.receiver, "member_added").get("user_id").textValue());
            }
            assertEquals(
                    "7", event(told.receiver, "member_removed").get("user_id").textValue());
            assertEquals(
                    "presence-w",
                    event(told.receiver, "channel_vacated").get("channel").asText());
        }
    }

    @Test
    void W05_clientEventOnAPresenceChannel_isToldAsTexts() throws IOException {
        try (Told told = new Told(AppFeatures.DEFAULT);
                PusherSocket client = told.connect()) {
            join(client, "presence-w", "7");
            event(told.receiver, "channel_occupied");
            client.send("{\"event\":\"client-x\",\"channel\":\"presence-w\",\"data\":{\"a\":[1]}}");
            event(told.receiver, "member_added");
            JsonNode event = event(told.receiver, "client_event");
            assertEquals("client-x", event.get("event").textValue());
            assertEquals("{\"a\":[1]}", event.get("data").textValue());
            assertEquals(client.id(), event.get("socket_id").textValue());
            assertEquals("7", event.get("user_id").textValue());
        }
    }

    @Test
    void cacheMissAndCount_areTold() throws IOException {
        try (Told told = new Told(PusherApps.counting());
                PusherSocket client = told.connect();
                PusherSocket other = told.connect()) {
            client.subscribed("cache-w");
            other.subscribed("cache-w");
            List<String> names = new ArrayList<>();
            Set<Integer> counts = new HashSet<>();
            while (!counts.contains(2) || names.size() < 2) {
                JsonNode event = told.receiver.next().json().get("events").get(0);
                if (event.get("name").asText().equals("subscription_count")) {
                    counts.add(event.get("subscription_count").intValue());
                } else {
                    names.add(event.get("name").asText());
                }
            }
            assertEquals(Set.of("channel_occupied", "cache_miss"), Set.copyOf(names));
            assertEquals(2, names.size());
        }
    }
}
