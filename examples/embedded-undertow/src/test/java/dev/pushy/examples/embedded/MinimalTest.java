package dev.pushy.examples.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.undertow.Undertow;
import io.undertow.server.handlers.ResponseCodeHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The lines that README.md shows do what it says. */
class MinimalTest {
    @Test
    void application_withPushyInIt_servesBoth() throws Exception {
        Undertow server = Minimal.start(
                0,
                new ResponseCodeHandler(204),
                "a-secret-of-the-test-with-more-than-32-bytes",
                "a-secret-of-a-publisher");
        try {
            int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
            HttpRequest own = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/own"))
                    .timeout(Duration.ofSeconds(20))
                    .build();
            HttpRequest history = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + port + "/push/history/orders.42"))
                    .timeout(Duration.ofSeconds(20))
                    .headers("X-Client-ID", "backend", "X-Client-Secret", "a-secret-of-a-publisher")
                    .build();
            HttpClient client = HttpClient.newHttpClient();

            assertEquals(
                    204,
                    client.send(own, HttpResponse.BodyHandlers.discarding()).statusCode());
            String retained =
                    client.send(history, HttpResponse.BodyHandlers.ofString()).body();
            assertTrue(retained.contains("{\"state\":\"paid\"}"), retained);
        } finally {
            server.stop();
        }
    }
}
