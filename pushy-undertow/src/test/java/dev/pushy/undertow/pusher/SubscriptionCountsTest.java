package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ManualEventLoop;
import dev.pushy.core.MemoryNodes;
import dev.pushy.core.PresenceStore;
import dev.pushy.core.Publication;
import dev.pushy.core.Pushy;
import dev.pushy.core.PushyListener;
import dev.pushy.core.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When subscribers are told how many they are; the numbers and the time are the test's. */
class SubscriptionCountsTest {
    private static final Channel ROOM = Channel.of("room");
    private static final PusherApp APP =
            PusherApp.builder("1").key("key", "secret").build();

    private final MemoryNodes nodes = new MemoryNodes();
    private final ManualEventLoop loop = new ManualEventLoop();
    private final List<Integer> told = new ArrayList<>();
    private final List<String> published = new ArrayList<>();
    private final List<Node> all = new ArrayList<>();
    private long now = 1_000_000;

    /** A node of the cluster. */
    private final class Node implements PushyListener, PusherListener {
        private final PresenceStore presence = nodes.presence();
        private final Pushy pushy;
        private final SubscriptionCounts counts;

        Node() {
            Broker broker = nodes.broker();
            pushy = Pushy.builder()
                    .broker(broker)
                    .presence(presence)
                    .listener(this)
                    .start();
            counts = new SubscriptionCounts(pushy, this, () -> Instant.ofEpochMilli(now));
            all.add(this);
        }

        void subscribers(int count) {
            presence.update(ROOM, count);
            counts.changed(APP, ROOM, loop);
            loop.run();
        }

        @Override
        public void onSubscriptionCount(PusherApp app, Channel channel, int count) {
            told.add(count);
        }

        @Override
        public void onPublish(Publication publication, Receipt receipt) {
            if (!receipt.duplicate()) {
                published.add(new String(publication.data(), java.nio.charset.StandardCharsets.UTF_8));
            }
        }
    }

    @AfterEach
    void close() {
        all.forEach(node -> node.pushy.close());
        nodes.close();
    }

    private void pass(long millis) {
        for (long step = 0; step < millis; step += 100) {
            now += 100;
            loop.advance(100);
        }
    }

    private void assertAtRest() {
        pass(30_000);
        all.forEach(node -> assertEquals(0, node.counts.underWay()));
    }

    @Test
    void fewSubscribers_areToldEachNumberAtOnce() {
        Node node = new Node();
        for (int count : List.of(1, 2, 3, 2, 100)) {
            node.subscribers(count);
        }
        assertEquals(List.of(1, 2, 3, 2, 100), told);
        assertEquals("{\"subscription_count\":1}", published.get(0));
        assertAtRest();
        assertEquals(5, published.size());
    }

    @Test
    void manySubscribers_areToldAtMostOncePerMomentAndTheLastNumber() {
        Node node = new Node();
        for (int i = 0; i < 200; i++) {
            node.subscribers(101 + i);
            pass(100);
        }
        assertTrue(told.size() >= 3 && told.size() <= 5, told::toString);
        assertAtRest();
        assertEquals(300, told.get(told.size() - 1));
        assertEquals(told.size(), published.size());
    }

    @Test
    void manySubscribers_whoBecomeFew_areToldAtOnceAgain() {
        Node node = new Node();
        node.subscribers(150);
        assertEquals(List.of(), told);
        pass(5_100);
        assertEquals(List.of(150), told);
        node.subscribers(90);
        pass(5_100);
        assertEquals(List.of(150, 90), told);
        assertAtRest();
        node.subscribers(91);
        assertEquals(List.of(150, 90, 91), told);
    }

    @Test
    void manySubscribersOnManyNodes_areToldByOneNodePerMoment() {
        for (int i = 0; i < 5; i++) {
            new Node();
        }
        for (int i = 0; i < 200; i++) {
            for (Node node : all) {
                node.subscribers(30 + i);
            }
            pass(100);
        }
        assertAtRest();
        long rarely =
                told.stream().filter(count -> count > SubscriptionCounts.MANY).count();
        // 20 s of changes: four moments, and one more for the last.
        assertTrue(rarely >= 4 && rarely <= 6, told::toString);
        assertEquals((30 + 199) * 5, told.get(told.size() - 1));
    }
}
