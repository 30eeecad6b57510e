package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.undertow.server.HttpServerExchange;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OpenRequestsTest {

    @Test
    void await_requestOpen_waitsForItsAnswer() throws Exception {
        BlockingQueue<HttpServerExchange> held = new LinkedBlockingQueue<>();
        OpenRequests requests = new OpenRequests(exchange -> exchange.dispatch(() -> held.add(exchange)));
        try (Loopback server = new Loopback(requests)) {
            assertTrue(requests.await(Duration.ZERO), "nothing was asked yet");
            CompletableFuture<HttpResponse<String>> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return server.send("GET", "/");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            HttpServerExchange exchange = held.poll(10, TimeUnit.SECONDS);

            assertFalse(requests.await(Duration.ofMillis(50)), "the request is not answered yet");
            exchange.endExchange();
            assertTrue(requests.await(Duration.ofSeconds(10)));
            assertEquals(200, answer.get(10, TimeUnit.SECONDS).statusCode());
        }
    }

    @Test
    void end_laterAnswer_closesItsConnection() throws Exception {
        OpenRequests requests = new OpenRequests(exchange -> exchange.setStatusCode(204));
        try (Loopback server = new Loopback(requests)) {
            assertNotEquals(
                    Optional.of("close"), server.send("GET", "/").headers().firstValue("Connection"));

            requests.end();

            assertEquals(
                    "close",
                    server.send("GET", "/").headers().firstValue("Connection").orElseThrow());
        }
    }
}
