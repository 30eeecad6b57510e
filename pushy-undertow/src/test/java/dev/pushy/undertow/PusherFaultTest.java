package dev.pushy.undertow;

import static dev.pushy.undertow.PusherApiTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pushy.core.PublishException.Outcome;
import dev.pushy.undertow.NodeServer.Answer;
import dev.pushy.undertow.pusher.AppRegistry;
import dev.pushy.undertow.pusher.PusherApp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What callers of the REST API hear when it is not their fault. */
class PusherFaultTest {
    private static final String BAD = "{\"name\":\"e\",\"channel\":\"bad\",\"data\":\"1\"}";

    /** Looks up as slowly, and fails, as it is told. */
    private static final class SlowApps implements AppRegistry {
        private final CountDownLatch go = new CountDownLatch(1);
        private volatile boolean broken;

        @Override
        public Optional<PusherApp> byKey(String key) {
            return byId(key);
        }

        @Override
        public Optional<PusherApp> byId(String id) {
            if (broken) {
                throw new IllegalStateException("a secret detail");
            }
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Optional.of(PusherApp.builder("1").key("k", "s").build());
        }

        @Override
        public Optional<PusherApp> byTenant(String tenant) {
            return byId(tenant);
        }
    }

    @Test
    void event_thatTheBrokerDoesNotTake_isAnsweredByItsOutcome() {
        FaultyBroker broker = new FaultyBroker();
        broker.revocations.complete(List.of());
        SlowApps apps = new SlowApps();
        apps.go.countDown();
        try (NodeServer server = new NodeServer(node -> node.broker(broker), settings -> settings.apps(apps))) {
            PusherCaller caller = new PusherCaller(server, "1", "k", "s");
            Object[][] expected = {
                {Outcome.REJECTED, 503, "1"}, {Outcome.UNKNOWN, 504, null}, {Outcome.OVERLOADED, 429, "1"}
            };
            for (Object[] each : expected) {
                broker.outcome = (Outcome) each[0];
                for (String path : List.of("/events", "/batch_events")) {
                    Answer answer = caller.post(path, path.equals("/events") ? BAD : "{\"batch\":[" + BAD + "]}");
                    assertRefused((Integer) each[1], answer);
                    assertEquals(each[2], answer.header("Retry-After"));
                }
            }
            broker.away = true;
            Answer terminate = caller.post("/users/u1/terminate_connections", "{}");
            assertRefused(503, terminate);
            assertEquals("1", terminate.header("Retry-After"));
        }
    }

    @Test
    void registryThatFails_tellsNothingOfItself() {
        SlowApps apps = new SlowApps();
        apps.broken = true;
        try (NodeServer server = new NodeServer(node -> node, settings -> settings.apps(apps))) {
            Answer answer = new PusherCaller(server, "1", "k", "s").get("/channels");
            assertRefused(500, answer);
            assertEquals("something went wrong here; the server's log says what\n", answer.body());
        }
    }

    @Test
    void requests_beyondWhatWorkersCanTake_areOverloaded() {
        SlowApps apps = new SlowApps();
        try (NodeServer server =
                new NodeServer(node -> node, settings -> settings.apps(apps).workers(1, 1))) {
            PusherCaller caller = new PusherCaller(server, "1", "k", "s");
            List<CompletableFuture<Answer>> waiting = new ArrayList<>();
            Answer refused = null;
            while (refused == null) {
                CompletableFuture<Answer> next = CompletableFuture.supplyAsync(() -> caller.get("/channels"));
                waiting.add(next);
                if (waiting.size() >= 3) {
                    CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new))
                            .join();
                    refused = waiting.stream()
                            .filter(CompletableFuture::isDone)
                            .findFirst()
                            .orElseThrow()
                            .join();
                }
            }
            assertRefused(429, refused);
            assertEquals("1", refused.header("Retry-After"));
            apps.go.countDown();
            waiting.forEach(CompletableFuture::join);
        }
    }
}
