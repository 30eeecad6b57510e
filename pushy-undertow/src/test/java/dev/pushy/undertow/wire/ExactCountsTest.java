package dev.pushy.undertow.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pushy.core.HubStats;
import dev.pushy.core.Limits;
import dev.pushy.core.contract.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a publication costs with 500 streams and 500 WebSockets on two loops, to the last piece. */
class ExactCountsTest {
    private static final int EACH = 500;
    private static final int LOOPS = WireServer.LOOPS;

    private final List<Tally> clients = new ArrayList<>();
    private Node node;

    @BeforeEach
    void connect() throws Exception {
        node = new Node(0, Limits.DEFAULT, settings -> settings);
        for (int i = 0; i < EACH; i++) {
            // Some match twice, and all three ways of matching are there.
            String channels = i % 3 == 0 ? "news.a" : i % 3 == 1 ? "news.*" : "news.a,news.*,**";
            clients.add(Tally.stream(node, channels));
            clients.add(Tally.webSocket(node, channels));
        }
        awaitAll(tally -> tally.open, "open");
    }

    @AfterEach
    void close() {
        clients.forEach(client -> client.socket().close(true));
        node.close();
    }

    private void awaitAll(java.util.function.Predicate<Tally> reached, String what) {
        Await.until(
                () -> {
                    clients.forEach(Tally::read);
                    return clients.stream().allMatch(reached);
                },
                () -> clients.stream().filter(reached.negate()).count() + " clients are not yet " + what);
    }

    private HubStats stats() {
        return node.pushy.hub().stats();
    }

    @Test
    void publish_oneMessage_matchedOnceEncodedOncePerFormatAndOneWakeUpPerLoop() {
        assertFewestWakeUpsAreOnePerLoop(times -> {
            HubStats before = stats();

            node.publish("news.a", "" + times);
            awaitAll(tally -> tally.messages == times, "told");

            HubStats after = stats();
            assertEquals(1, after.matched() - before.matched(), "matches");
            assertEquals(2, after.encodes() - before.encodes(), "encoded for SSE and for WebSocket");
            assertEquals(2 * EACH, after.deliveries() - before.deliveries(), "deliveries");
            assertEquals(0, after.dropped() - before.dropped(), "dropped");
            return after.wakeups() - before.wakeups();
        });
        assertNoErrors();
    }

    @Test
    void publish_nobodyListens_matchesNothingAndWakesNobody() {
        clients.forEach(client -> client.socket().close(true));
        Await.until(() -> stats().subscriptions() == 0, () -> stats().subscriptions() + " subscriptions left");
        HubStats before = stats();

        node.publish("news.a", "1");

        assertEquals(before.matched(), stats().matched(), "matches");
        assertEquals(before.encodes(), stats().encodes(), "encodes");
        assertEquals(before.wakeups(), stats().wakeups(), "wake-ups");
    }

    @Test
    void publish_burstWhileTheLoopsAreBusy_oneWakeUpPerLoopAndOneEncodePerMessageAndFormat() throws Exception {
        int burst = 50;
        assertFewestWakeUpsAreOnePerLoop(times -> {
            CountDownLatch free = new CountDownLatch(1);
            CountDownLatch busy = new CountDownLatch(LOOPS);
            for (int i = 0; i < LOOPS; i++) {
                node.server.loop(i).execute(() -> {
                    busy.countDown();
                    awaitLatch(free);
                });
            }
            awaitLatch(busy);
            HubStats before = stats();

            for (int i = 1; i <= burst; i++) {
                node.publish("news.a", "" + ((times - 1) * burst + i));
            }
            free.countDown();
            awaitAll(tally -> tally.messages == times * burst, "told");

            HubStats after = stats();
            assertEquals(burst, after.matched() - before.matched(), "matches");
            assertEquals(2 * burst, after.encodes() - before.encodes(), "encodes");
            assertEquals(2L * EACH * burst, after.deliveries() - before.deliveries(), "deliveries");
            return after.wakeups() - before.wakeups();
        });
        assertNoErrors();
    }

    /** Every few seconds a canary wakes all loops; it does not come into each of three measurements. */
    private static void assertFewestWakeUpsAreOnePerLoop(IntToLongFunction measurement) {
        long fewest = measurement.applyAsLong(1);
        for (int times = 2; times <= 3; times++) {
            fewest = Math.min(fewest, measurement.applyAsLong(times));
        }
        assertEquals(LOOPS, fewest, "wake-ups");
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void assertNoErrors() {
        assertEquals(
                List.of(),
                clients.stream().flatMap(client -> client.errors.stream()).toList());
    }
}
