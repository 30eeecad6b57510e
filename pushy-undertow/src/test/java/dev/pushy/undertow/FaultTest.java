package dev.pushy.undertow;

import static dev.pushy.undertow.PublishTest.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.PublishException.Outcome;
import dev.pushy.core.TokenService;
import dev.pushy.undertow.NodeServer.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What clients hear when it is not their fault. */
class FaultTest {

    private static NodeServer server(FaultyBroker broker) {
        return new NodeServer(node -> node.broker(broker), settings -> settings);
    }

    @Test
    void publish_thatFails_isAnsweredByItsOutcome() {
        FaultyBroker broker = new FaultyBroker();
        broker.revocations.complete(List.of());
        try (NodeServer server = server(broker);
                WsClient client = server.webSocket("?token=" + server.token("ann", "**"))) {
            client.opened();
            Object[][] expected = {
                {Outcome.REJECTED, 503, "broker_unavailable"},
                {Outcome.UNKNOWN, 504, "unknown"},
                {Outcome.OVERLOADED, 429, "overloaded"},
                {Outcome.INVALID, 400, "invalid_request"}
            };
            for (Object[] each : expected) {
                broker.outcome = (Outcome) each[0];
                int status = (Integer) each[1];
                String code = (String) each[2];
                boolean unknown = each[0] == Outcome.UNKNOWN;
                Answer answer = server.post("/publish/bad", "{\"data\":1}", NodeServer.publisher());
                assertProblem(status, code, answer);
                assertEquals(status == 503 || status == 429 ? "1" : null, answer.header("Retry-After"));
                assertEquals(unknown, answer.json().path("accepted").asText().equals("unknown"));

                Answer batch =
                        server.post("/publish", "{\"channels\":[\"bad\",\"good\"],\"data\":1}", NodeServer.publisher());
                assertEquals(200, batch.status());
                JsonNode results = batch.json().get("results");
                assertEquals(code, results.get(0).get("code").asText());
                assertEquals(unknown, results.get(0).path("accepted").asText().equals("unknown"));
                assertTrue(results.get(1).has("id"));

                client.send("{\"type\":\"publish\",\"channel\":\"bad\",\"data\":1,\"ref\":1}");
                JsonNode error = client.error(code);
                assertEquals(unknown, error.path("accepted").asText().equals("unknown"));
            }
        }
    }

    @Test
    void control_whileTheBrokerIsAway_isUnavailable() {
        FaultyBroker broker = new FaultyBroker();
        broker.revocations.complete(List.of());
        broker.away = true;
        try (NodeServer server = server(broker)) {
            for (String path : List.of("/revoke", "/disconnect")) {
                Answer answer = server.post(path, "{\"sub\":\"ann\"}", NodeServer.publisher());
                assertProblem(503, "broker_unavailable", answer);
                assertEquals("1", answer.header("Retry-After"));
            }
        }
    }

    @Test
    void tokens_beforeTheRevocationsAreKnown_areNotTaken() {
        FaultyBroker broker = new FaultyBroker();
        try (NodeServer server = server(broker)) {
            String token = server.token("ann", "a");
            assertProblem(503, "broker_unavailable", server.get("/history/a", NodeServer.bearer(token)));
            Answer stream = server.get("/channels/stream?token=" + token, "Accept", "text/event-stream");
            assertEquals(200, stream.status());
            assertTrue(stream.body().startsWith("retry: "), stream.body());
            try (WsClient client = server.webSocket("?token=" + token)) {
                client.error("broker_unavailable");
                assertEquals(1011, client.closeCode());
            }
            broker.revocations.complete(List.of());
            assertEquals(200, server.get("/history/a", NodeServer.bearer(token)).status());
        }
    }

    /** Checks no token before it may, and breaks on the token {@code broken}. */
    private static final class SlowTokens implements TokenService {
        private final CountDownLatch go = new CountDownLatch(1);
        private final AtomicInteger begun = new AtomicInteger();

        @Override
        public Grant verify(String token) {
            if (token.equals("broken")) {
                throw new IllegalStateException("a secret detail");
            }
            begun.incrementAndGet();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Grant.of("ann", List.of(ChannelPattern.of("**")));
        }

        @Override
        public String issue(Grant grant) {
            throw new UnsupportedOperationException("issued elsewhere");
        }
    }

    @Test
    void requests_beyondWhatWorkersCanTake_areOverloaded() throws Exception {
        SlowTokens tokens = new SlowTokens();
        try (NodeServer server = new NodeServer(node -> node.tokens(tokens), settings -> settings.workers(1, 1))) {
            CompletableFuture<Answer> first =
                    CompletableFuture.supplyAsync(() -> server.get("/history/a", NodeServer.bearer("x")));
            NodeServer.await("the worker is busy", () -> tokens.begun.get() == 1);
            // One of these finds a place in the queue, whichever comes first.
            List<CompletableFuture<Answer>> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                others.add(CompletableFuture.supplyAsync(() -> server.get("/history/a", NodeServer.bearer("x"))));
            }
            CompletableFuture.anyOf(others.toArray(CompletableFuture[]::new)).join();
            Answer refused = others.stream()
                    .filter(CompletableFuture::isDone)
                    .findFirst()
                    .orElseThrow()
                    .join();
            assertProblem(429, "overloaded", refused);
            assertEquals("1", refused.header("Retry-After"));
            NodeServer.await(
                    "the queue is full",
                    () -> others.stream().filter(CompletableFuture::isDone).count() == 2);
            assertProblem(429, "overloaded", server.get("/channels/poll?token=x&wait=0"));
            Answer stream = server.get("/channels/stream?token=x", "Accept", "text/event-stream");
            assertEquals(200, stream.status());
            assertTrue(stream.body().startsWith("retry: "), stream.body());
            try (WsClient client = server.webSocket("?token=x")) {
                client.error("overloaded");
                assertEquals(4429, client.closeCode());
            }
            assertEquals(
                    200,
                    server.post("/publish/a", "{\"data\":1}", NodeServer.publisher())
                            .status());
            tokens.go.countDown();
            assertEquals(200, first.get().status());
            assertEquals(
                    1,
                    others.stream()
                            .filter(other -> other.join().status() == 200)
                            .count());
        }
    }

    @Test
    void failure_thatNobodyExpected_tellsNothingOfItself() {
        SlowTokens tokens = new SlowTokens();
        tokens.go.countDown();
        try (NodeServer server = new NodeServer(node -> node.tokens(tokens), settings -> settings)) {
            Answer answer = server.get("/history/a", NodeServer.bearer("broken"));
            assertProblem(500, "internal", answer);
            assertTrue(!answer.body().contains("secret detail"), answer.body());
            assertEquals(
                    200,
                    server.get("/channels/stream?token=broken", "Accept", "text/event-stream")
                            .status());
            try (WsClient client = server.webSocket("?token=broken")) {
                client.error("internal");
                assertEquals(1011, client.closeCode());
            }
            Answer issued = server.post("/token", "{\"sub\":\"ann\",\"channels\":[\"a\"]}", NodeServer.publisher());
            assertProblem(404, "not_found", issued);
        }
    }
}
