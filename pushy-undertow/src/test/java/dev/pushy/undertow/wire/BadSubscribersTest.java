package dev.pushy.undertow.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.core.HubStats;
import dev.pushy.core.Limits;
import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A subscriber that misbehaves is ended for the right reason, and the others notice nothing of it. */
class BadSubscribersTest {
    private static final int BACKLOG = 64 * 1024;
    /** More requests than all buffers between client and server hold. */
    private static final int MANY = 20_000;

    private Node node;
    private final List<Tally> good = new ArrayList<>();
    private int published;

    @BeforeEach
    void start() throws IOException {
        Limits limits = Limits.builder()
                .backlogBytes(BACKLOG)
                .clientMessageBytes(16 * 1024)
                .build();
        node = new Node(
                8_192,
                limits,
                settings -> settings.authTimeout(Duration.ofMillis(300)).ping(Duration.ofMillis(1_500)));
        for (int i = 0; i < 3; i++) {
            good.add(Tally.stream(node, "news"));
            good.add(Tally.webSocket(node, "news"));
        }
        awaitGood(client -> client.open, "open");
    }

    @AfterEach
    void close() {
        good.forEach(client -> client.socket().close(true));
        node.close();
    }

    private void awaitGood(java.util.function.Predicate<Tally> reached, String what) {
        Await.until(
                () -> {
                    good.forEach(Tally::read);
                    return good.stream().allMatch(reached);
                },
                () -> "not all are " + what + ": "
                        + good.stream()
                                .map(client -> client.messages + "" + client.errors)
                                .toList());
    }

    private HubStats stats() {
        return node.pushy.hub().stats();
    }

    private long closes(CloseReason reason) {
        return stats().closes().getOrDefault(reason, 0L);
    }

    private void publish(int count, int padding) {
        for (int i = 0; i < count; i++) {
            published++;
            node.publish("news", "{\"n\":" + published + ",\"pad\":\"" + "x".repeat(padding) + "\"}");
            good.forEach(Tally::read);
        }
    }

    private void assertGoodGotAll() {
        publish(1, 0);
        awaitGood(client -> client.messages == published, "up to " + published);
        good.forEach(client -> assertEquals(List.of(), client.errors));
    }

    /** Waits until the server ends a client for this reason, while the others get their messages. */
    private void awaitClose(CloseReason reason, int count) {
        Await.until(
                () -> {
                    publish(1, 10);
                    return closes(reason) == count;
                },
                () -> "not " + count + " closes with " + reason + ": " + stats());
        assertGoodGotAll();
        assertEquals(
                good.size(),
                stats().connections().values().stream().mapToLong(open -> open).sum());
    }

    /** One that hears nothing that it would have to read. */
    private Tally bad() throws IOException {
        Tally client = Tally.webSocket(node, "quiet");
        Await.until(
                () -> {
                    good.forEach(Tally::read);
                    client.read();
                    return client.open;
                },
                () -> "not open: " + client.errors);
        return client;
    }

    private void awaitEnd(Tally client, String how) {
        Await.until(
                () -> {
                    good.forEach(Tally::read);
                    client.read();
                    return client.socket().isEnded();
                },
                () -> "still open");
        assertEquals(how, client.errors.get(client.errors.size() - 1));
    }

    @Test
    void neverReads_muchIsPublished_isSlowConsumerAndItsBacklogIsBounded() throws IOException {
        Tally webSocket = Tally.narrow(node, false, "news");
        Tally stream = Tally.narrow(node, true, "news");
        Await.until(() -> stats().subscriptions() == good.size() + 2, () -> "not subscribed: " + stats());
        long bytes = stats().bytes();

        Await.until(
                () -> {
                    publish(5, 2_000);
                    return closes(CloseReason.SLOW_CONSUMER) == 2;
                },
                () -> "not closed: " + stats());
        assertGoodGotAll();

        long written = stats().bytes() - bytes;
        long forGood = good.size() * published * 2_200L;
        assertTrue(written < forGood + 2 * 512 * 1024, written + " bytes written, " + forGood + " to the others");
        awaitEnd(webSocket, "close 4508");
        awaitEnd(stream, "end of stream");
        assertTrue(webSocket.messages < published, "it cannot have got everything");
    }

    @Test
    void sendsRubbishBytes_isEndedForAProtocolError() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 20; i++) {
            Tally client = bad();
            byte[] rubbish = new byte[200];
            random.nextBytes(rubbish);
            // A reserved bit, so that it is an error whatever follows.
            rubbish[0] |= 0x40;
            client.socket().sendBytes(rubbish);
            awaitEnd(client, "close 1002");
        }

        awaitClose(CloseReason.BAD_REQUEST, 20);
    }

    @Test
    void sendsTextsThatAreNoRequests_isToldAndEndedAtTheTenth() throws IOException {
        Tally client = bad();
        for (int i = 0; i < 10; i++) {
            client.socket().sendText("{\"type\":" + i);
        }
        awaitEnd(client, "close 4400");

        assertEquals(11, client.errors.size());
        awaitClose(CloseReason.BAD_REQUEST, 1);
    }

    @Test
    void announcesAHugeMessage_isEndedBeforeItComes() throws IOException {
        Tally client = bad();
        client.socket().sendBytes(new byte[] {(byte) 0x81, (byte) 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4});

        awaitEnd(client, "close 1009");
        awaitClose(CloseReason.BAD_REQUEST, 1);
    }

    @Test
    void vanishesInTheMiddleOfAFrame_isUnresponsiveAfterTwoPings() throws IOException {
        Tally client = bad();
        client.socket().sendPartOfText("{\"type\":\"subscribe\",\"channels\":[\"more\"]}", 20);

        awaitClose(CloseReason.UNRESPONSIVE, 1);
        client.socket().close(true);
    }

    @Test
    void opensAndSaysNothing_isEndedForWantOfAToken() throws IOException {
        Tally client = Tally.at(node, node.prefix + "/channels/ws");

        awaitEnd(client, "close 4408");
        assertGoodGotAll();
    }

    @Test
    void opensSocketsAndSaysNothingAtAll_othersGoOn() throws IOException {
        List<WireSocket> silent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            silent.add(WireSocket.silent(node.port()));
        }

        publish(200, 10);
        assertGoodGotAll();
        Tally late = Tally.stream(node, "news");
        good.add(late);
        late.messages = published;
        late.last = published;
        awaitGood(client -> client.open, "open");
        assertGoodGotAll();
        silent.forEach(socket -> socket.close(true));
    }

    @Test
    void asksWithoutReadingTheAnswers_isHeldBack() throws IOException {
        publish(1, 100);
        Tally client = Tally.narrow(node, false, "none");
        Await.until(() -> stats().subscriptions() == good.size() + 1, () -> "not subscribed: " + stats());
        byte[] question = WireSocket.frame(
                1,
                ("{\"type\":\"history\",\"channel\":\"news\",\"limit\":1,\"pad\":\"" + "x".repeat(8_000) + "\"}")
                        .getBytes(StandardCharsets.UTF_8));
        int asked = 0;
        while (asked < MANY && client.socket().offer(question)) {
            asked++;
            good.forEach(Tally::read);
        }

        publish(100, 10);
        assertGoodGotAll();
        assertTrue(asked < MANY, "the server took all requests though nobody reads the answers");
        assertEquals(0, closes(CloseReason.SLOW_CONSUMER), "who only asks is held back, not ended");
        client.socket().close(true);
        Await.until(() -> stats().subscriptions() == good.size(), () -> "still there: " + stats());
    }

    @Test
    void pingsWithoutEnd_isEndedByPolicy() throws IOException {
        Tally client = bad();
        byte[] ping = WireSocket.frame(9, new byte[0]);
        for (int i = 0; i < 2_000 && !client.socket().isEnded(); i++) {
            client.socket().offer(ping);
            client.read();
        }

        awaitEnd(client, "close 1008");
        assertGoodGotAll();
    }
}
