package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Pushy;
import io.undertow.Undertow;
import io.undertow.server.handlers.PathHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PushyHandlerTest {
    private static final String SECRET = "a-secret-of-the-backend";

    private static void assertRefused(String word, UnaryOperator<PushyHandler.Builder> settings) {
        try (Pushy pushy = Pushy.builder().start()) {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> settings.apply(PushyHandler.builder(pushy)).build());
            assertTrue(e.getMessage().contains(word), e.getMessage());
            assertTrue(!e.getMessage().contains(SECRET), e.getMessage());
        }
    }

    @Test
    void build_withAWrongSetting_namesIt() {
        assertRefused("short", settings -> settings.publisher("short", "tiny"));
        assertRefused("twice", settings -> settings.publisher("twice", SECRET).publisher("twice", SECRET));
        assertRefused("empty id", settings -> settings.publisher("", SECRET));
        assertRefused("example.com/path", settings -> settings.allowedOrigins("https://example.com/path"));
        assertRefused("maxTokenTtl", settings -> settings.tokenTtl(Duration.ofDays(2)));
        assertRefused("tokenTtl", settings -> settings.tokenTtl(Duration.ZERO));
        assertRefused("authTimeout", settings -> settings.authTimeout(Duration.ZERO));
        assertRefused("bodyTimeout", settings -> settings.bodyTimeout(Duration.ofSeconds(-1)));
        assertRefused("heartbeat", settings -> settings.streams(Duration.ZERO, Duration.ofHours(1)));
        assertRefused("ping", settings -> settings.ping(Duration.ofDays(9)));
        assertRefused("0 threads", settings -> settings.workers(0, 1));
    }

    @Test
    void handler_mountedAnywhere_answersBelowItsPrefix() throws Exception {
        try (Pushy pushy = Pushy.builder().start();
                PushyHandler handler =
                        PushyHandler.builder(pushy).publisher("backend", SECRET).build()) {
            Undertow server = Undertow.builder()
                    .addHttpListener(0, "127.0.0.1")
                    .setHandler(new PathHandler(handler)
                            .addPrefixPath("/a", handler)
                            .addPrefixPath("/b/c", new PathHandler().addPrefixPath("/d", handler)))
                    .build();
            server.start();
            try {
                int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
                for (String prefix : List.of("", "/a", "/b/c/d")) {
                    for (HttpClient.Version version : HttpClient.Version.values()) {
                        HttpResponse<String> response = HttpClient.newHttpClient()
                                .send(
                                        HttpRequest.newBuilder(URI.create(
                                                        "http://127.0.0.1:" + port + prefix + "/publish/orders;eu"))
                                                .version(version)
                                                .timeout(Duration.ofSeconds(20))
                                                .headers("X-Client-ID", "backend", "X-Client-Secret", SECRET)
                                                .header("Content-Type", "application/json")
                                                .POST(HttpRequest.BodyPublishers.ofString("{\"data\":1}"))
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString());
                        assertEquals(200, response.statusCode(), prefix + " " + response.body());
                        assertTrue(response.body().contains("\"orders;eu\""), response.body());
                    }
                }
            } finally {
                server.stop();
            }
        }
    }

    @Test
    void http2_isServedLikeHttp1() throws Exception {
        try (NodeServer server = new NodeServer()) {
            HttpClient http = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_2)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
            HttpRequest.Builder history = HttpRequest.newBuilder(URI.create(server.url("/history/h2;x")))
                    .headers(NodeServer.publisher())
                    .timeout(Duration.ofSeconds(20));
            // The first request upgrades the connection, the second uses it.
            http.send(history.build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(
                    HttpClient.Version.HTTP_2,
                    http.send(history.build(), HttpResponse.BodyHandlers.ofString())
                            .version());
            String token = server.token("ann", "h2;x");
            HttpRequest.Builder events =
                    HttpRequest.newBuilder(URI.create(server.url("/channels/stream?channels=h2;x&token=" + token)));
            try (SseClient stream = SseClient.open(http, events)) {
                assertEquals(HttpClient.Version.HTTP_2, stream.response.version());
                stream.opened();
                HttpRequest.Builder publish = HttpRequest.newBuilder(URI.create(server.url("/publish/h2;x")))
                        .headers(NodeServer.publisher())
                        .header("Content-Type", "application/json")
                        .timeout(Duration.ofSeconds(20));
                HttpResponse<String> published = http.send(
                        publish.POST(HttpRequest.BodyPublishers.ofString("{\"data\":[1]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, published.statusCode(), published.body());
                assertEquals(HttpClient.Version.HTTP_2, published.version());
                assertEquals(
                        NodeServer.json(published.body()).get("id").asText(),
                        stream.event().id());
                HttpResponse<String> refused = http.send(
                        publish.POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(413, refused.statusCode());
                server.publish("h2;x", "2");
                assertTrue(stream.event().data().contains("\"data\":2"));
            }
        }
    }
}
