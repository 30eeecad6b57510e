package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.Channel;
import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.undertow.protocol.FramedFormat;
import dev.pushy.undertow.protocol.Golden;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every frame that clients of the Pusher protocol get. */
class PusherTextsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final PusherApp APP =
            PusherApp.builder("1").key("key", "secret").build();
    private static final Channel ROOM = Channel.of("room");
    private static final Channel PRESENCE = Channel.of("presence-room");
    private static final Channel ENCRYPTED = Channel.of("private-encrypted-room");
    private static final Member ANN = new Member("7", "{\"name\":\"Ann \\\"the\\\" 1st\"}", 2);
    private static final Member BOB = new Member("8", "null", 1);
    private static final PusherFormat FORMAT = new PusherFormat(ClientLibrary.OTHER);
    private static final PusherFormat JAVA = new PusherFormat(ClientLibrary.JAVA);

    private static Publication event(Channel channel, String event, String data) {
        return PusherData.publication(channel, event, data, 64);
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "(nothing)" : new String(bytes, StandardCharsets.UTF_8);
    }

    private static String text(Publication publication) {
        return text(FORMAT.publication(publication, null, null));
    }

    private static Map<String, String> all() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("connection established", PusherMessages.established("264774.13368624", 120));
        texts.put("pong", PusherMessages.PONG);
        texts.put("error that ends the connection", PusherMessages.error(PusherError.unknownKey("X")));
        texts.put("error without a code", PusherMessages.error(PusherError.alreadySubscribed("room")));
        texts.put("error with a code", PusherMessages.error(PusherError.CLIENT_EVENT_RATE));
        texts.put("subscription succeeded", PusherMessages.subscribed("room"));
        texts.put("presence subscription succeeded", PusherMessages.subscribed("presence-room", List.of(ANN, BOB)));
        texts.put("presence subscription without anybody", PusherMessages.subscribed("presence-room", List.of()));
        SubscriptionRefusal refusal = SubscriptionRefusal.auth("Auth info required to subscribe to private-x");
        texts.put(
                "subscription error",
                PusherMessages.subscriptionError(ClientLibrary.OTHER.subscriptionError(), "private-x", refusal));
        texts.put(
                "subscription error for .NET",
                PusherMessages.subscriptionError(ClientLibrary.DOTNET.subscriptionError(), "private-x", refusal));
        texts.put("cache miss", PusherMessages.cacheMiss("cache-room"));
        texts.put("sign-in", PusherMessages.signedIn("{\"id\":\"7\", \"user_info\":{}}"));
        Map<String, List<String>> states = new LinkedHashMap<>();
        states.put("online", List.of("a"));
        states.put("offline", List.of("b", "c \"d\""));
        texts.put("watchlist", PusherMessages.watchlist(states));
        texts.put("user comes online", text(FORMAT.join(new Join(PusherChannels.online(APP, "ü 1"), ANN, true))));
        texts.put("user goes offline", text(FORMAT.leave(new Leave(PusherChannels.online(APP, "ü 1"), ANN, true))));
        texts.put("member added", text(FORMAT.join(new Join(PRESENCE, ANN, false))));
        texts.put("member added without info", text(FORMAT.join(new Join(PRESENCE, BOB, false))));
        texts.put("member removed", text(FORMAT.leave(new Leave(PRESENCE, ANN, false))));
        texts.put("event", text(event(ROOM, "order-shipped", "{\"id\":7}")));
        texts.put("event with text", text(event(ROOM, "say \"\\", "plain \"ü\"\n")));
        texts.put("native event", text(Publication.of(ROOM, "\"x\"")));
        texts.put("event to a user", text(event(PusherChannels.toUser(APP, "7 ü"), "notice", "1")));
        texts.put(
                "client event on a private channel",
                text(event(Channel.of("private-room"), "client-t", "1").from("7")));
        texts.put(
                "client event on a presence channel",
                text(event(PRESENCE, "client-t", "1").from("7")));
        texts.put(
                "subscription count",
                text(Publication.of(
                        ROOM,
                        "pusher_internal:subscription_count",
                        "{\"subscription_count\":5}".getBytes(StandardCharsets.UTF_8))));
        texts.put("gap", text(FORMAT.gap(new Gap(List.of("room"), Gap.Reason.EXPIRED))));
        texts.put(
                "gap of a user's channel",
                text(FORMAT.gap(new Gap(List.of(PusherChannels.toUser(APP, "7").name()), Gap.Reason.RESET))));
        return texts;
    }

    @Test
    void texts_ofEveryKind_areAsAgreed() {
        Map<String, String> expected = Golden.read("/dev/pushy/undertow/pusher/pusher-texts.txt");
        Map<String, String> made = all();
        assertEquals(expected.keySet(), made.keySet());
        expected.forEach((name, text) -> assertEquals(text, made.get(name), name));
    }

    @Test
    void texts_ofEveryKind_areReadableByEveryClient() throws IOException {
        for (Map.Entry<String, String> entry : all().entrySet()) {
            JsonNode frame = MAPPER.readTree(entry.getValue());
            assertTrue(frame.get("event").isTextual(), entry::toString);
            assertTrue(!frame.has("channel") || frame.get("channel").isTextual(), entry::toString);
            boolean error = frame.get("event").textValue().equals("pusher:error");
            assertTrue(error ? frame.get("data").isObject() : frame.get("data").isTextual(), entry::toString);
        }
    }

    @Test
    void presence_whereItIsNotTold_isNothing() {
        assertNull(FORMAT.join(new Join(PRESENCE, ANN, true)));
        assertNull(FORMAT.leave(new Leave(PRESENCE, ANN, true)));
        assertNull(FORMAT.join(new Join(ROOM, ANN, false)));
        assertNull(FORMAT.join(new Join(ROOM, ANN, true)));
        assertNull(FORMAT.join(new Join(PusherChannels.online(APP, "7"), ANN, false)));
        assertNull(FORMAT.leave(new Leave(PusherChannels.online(APP, "7"), ANN, false)));
    }

    @Test
    void cursors_areNotTold() {
        Cursor cursor = Cursor.parse(new Position(0, 77, 5, 9).id(1), 1).orElseThrow();
        assertNull(FORMAT.checkpoint(cursor));
        assertNull(FORMAT.heartbeat(cursor));
        assertEquals(text(event(ROOM, "e", "1")), text(FORMAT.publication(event(ROOM, "e", "1"), cursor, cursor)));
    }

    @Test
    void gap_ofSeveralChannels_isAFrameForEachThatCanBeTold() {
        FramedFormat framed = new FramedFormat(FORMAT, text -> (text(text) + "\n").getBytes(StandardCharsets.UTF_8));
        List<String> channels =
                List.of("a", ENCRYPTED.name(), PusherChannels.online(APP, "7").name(), "b");
        String frames = text(framed.gap(new Gap(channels, Gap.Reason.OVERFLOW)));
        assertEquals(PusherMessages.gap("a", "overflow") + "\n" + PusherMessages.gap("b", "overflow") + "\n", frames);
        assertNull(framed.gap(new Gap(List.of(ENCRYPTED.name()), Gap.Reason.OVERFLOW)));
    }

    @Test
    void internalEvents_onEncryptedChannels_areNotForClientsThatWouldDecryptThem() {
        Publication count =
                Publication.of(ENCRYPTED, "pusher_internal:subscription_count", "{}".getBytes(StandardCharsets.UTF_8));
        assertNull(JAVA.publication(count, null, null));
        assertFalse(text(FORMAT.publication(count, null, null)).equals("(nothing)"));
        assertFalse(
                text(JAVA.publication(event(ENCRYPTED, "e", "1"), null, null)).equals("(nothing)"));
    }

    @Test
    void secrets_areInNoText() {
        Set<String> texts = Set.copyOf(all().values());
        assertFalse(texts.stream().anyMatch(text -> text.contains("secret")), texts::toString);
        assertFalse(APP.keys().toString().contains("secret"));
    }
}
