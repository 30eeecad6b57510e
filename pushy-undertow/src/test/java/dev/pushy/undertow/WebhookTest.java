package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pushy.undertow.PusherApiTest.Apps;
import dev.pushy.undertow.pusher.PusherApp;
import dev.pushy.undertow.pusher.Webhook;
import dev.pushy.undertow.pusher.WebhookReceiver;
import dev.pushy.undertow.pusher.WebhookReceiver.Received;
import dev.pushy.undertow.pusher.WebhookSender;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Webhooks of a node whose clients come and go, over real sockets and in real time. */
class WebhookTest {

    @Test
    void w01_clientsThatComeAndGo_areTold_theLastOnesWhenTheNodeEnds() throws IOException {
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
}
