package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.undertow.transport.TransportSettings;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What HTTP itself may do to sessions: HTTP/2, pipelines, dead peers, nonsense. */
@Timeout(60)
class SockJsHttpTest {
    private static final SockJsOptions PATIENT =
            SockJsOptions.STANDARD.withTimes(Duration.ofMinutes(5), Duration.ofMinutes(5));

    private final SockJsServer server = new SockJsServer(TransportSettings.DEFAULT.withLinger(Duration.ofMillis(200)));
    private final ScriptedProtocol protocol = ScriptedProtocol.echo();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(request(path, body), HttpResponse.BodyHandlers.ofString());
    }

    private BufferedReader stream(String path) throws Exception {
        HttpResponse<java.io.InputStream> response =
                client.send(request(path, ""), HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertEquals("h".repeat(2_048), lines.readLine());
        return lines;
    }

    private ScriptedProtocol.Session opened() throws InterruptedException {
        ScriptedProtocol.Session session = protocol.sessions.poll(10, TimeUnit.SECONDS);
        assertTrue(session != null, "no session was opened");
        return session;
    }

    @Test
    void http2_pollsAndStreams_areServed() throws Exception {
        server.mount("/e", PATIENT, protocol);
        HttpResponse<String> first = post("/e/0/a/xhr", "");
        assertEquals("o\n", first.body());
        assertEquals(204, post("/e/0/a/xhr_send", "[\"a\"]").statusCode());
        HttpResponse<String> second = post("/e/0/a/xhr", "");
        assertEquals(HttpClient.Version.HTTP_2, second.version());
        assertEquals("a[\"a\"]\n", second.body());
        try (BufferedReader lines = stream("/e/0/b/xhr_streaming")) {
            assertEquals("o", lines.readLine());
            String large = "x".repeat(50_000);
            for (int i = 0; i < 5; i++) {
                assertEquals(
                        204, post("/e/0/b/xhr_send", "[\"" + i + large + "\"]").statusCode());
                if (i < 2) {
                    assertEquals("a[\"" + i + large + "\"]", lines.readLine());
                }
            }
            assertEquals("a[\"2" + large + "\"]", lines.readLine());
            assertEquals(null, lines.readLine(), "the stream goes on beyond its limit");
        }
        assertEquals("a[\"3", post("/e/0/b/xhr", "").body().substring(0, 4));
    }

    @Test
    void http2_streamThatTheClientGaveUp_endsTheSessionWithTheNextFrame() throws Exception {
        server.mount("/e", PATIENT.withTimes(Duration.ofMillis(400), Duration.ofMinutes(5)), protocol);
        BufferedReader lines = stream("/e/0/a/xhr_streaming");
        assertEquals("o", lines.readLine());
        lines.close();
        ScriptedProtocol.Session session = opened();
        SockJsServer.await("the end of the session", () -> session.heard.contains("(closed CLIENT_GONE)"));
    }

    @Test
    void http2_requestThatIsRefusedBeforeItsEnd_endsNoOtherOne() throws Exception {
        // Longer than the rest of a refused request may take.
        server.mount("/e", PATIENT.withTimes(Duration.ofSeconds(4), Duration.ofMinutes(5)), protocol);
        assertEquals("o\n", post("/e/0/a/xhr", "").body());
        HttpRequest tooLarge = HttpRequest.newBuilder(request("/e/0/a/xhr", ""), (name, value) -> true)
                .POST(HttpRequest.BodyPublishers.fromPublisher(subscriber -> {}, 70_000))
                .build();
        CompletableFuture<?> refused = client.sendAsync(tooLarge, HttpResponse.BodyHandlers.discarding());
        HttpResponse<String> poll = post("/e/0/a/xhr", "");
        assertEquals("h\n", poll.body());
        assertEquals(HttpClient.Version.HTTP_2, poll.version());
        refused.cancel(true);
    }

    @Test
    void requests_sentBeforeTheAnswer_areAnsweredInTurn() {
        server.mount("/e", PATIENT, protocol);
        try (Http http = server.http();
                Http other = server.http()) {
            assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
            http.send("POST", "/e/0/a/xhr", "");
            http.send("GET", "/e", "");
            http.send("POST", "/e/0/a/xhr_send", "[\"two\"]");
            assertEquals(204, other.post("/e/0/a/xhr_send", "[\"one\"]").status());
            assertEquals("a[\"one\"]\n", http.answer().body());
            assertEquals("Welcome to SockJS!\n", http.answer().body());
            assertEquals(204, http.answer().status());
            assertEquals("a[\"two\"]\n", http.post("/e/0/a/xhr", "").body());
        }
    }

    @Test
    void receiveRequest_withABody_isReadAndServed() {
        server.mount("/e", PATIENT, protocol);
        try (Http http = server.http()) {
            assertEquals("o\n", http.post("/e/0/a/xhr", "what is this for").body());
            assertEquals(413, http.post("/e/0/a/xhr", "x".repeat(70_000)).status());
        }
    }

    @Test
    void receiver_thatTakesNothingForLong_isGivenUp() throws Exception {
        server.mount("/e", PATIENT.withTimes(Duration.ofMillis(400), Duration.ofMinutes(5)), protocol);
        try (Http lazy = new Http(server.port(), 4 * 1024);
                Http http = server.http()) {
            lazy.begin("POST", "/e/0/a/xhr_streaming");
            ScriptedProtocol.Session session = opened();
            String large = "x".repeat(60_000);
            // Less than what ends the session as slow, more than what the buffers on the way hold.
            for (int i = 0; i < 8; i++) {
                http.post("/e/0/a/xhr_send", "[\"" + large + "\"]");
            }
            SockJsServer.await("the end of the session", () -> session.heard.contains("(closed CLIENT_GONE)"));
        }
    }

    /** Nothing that a client sends disturbs another one, or makes us fail. */
    @Test
    void nonsense_ofAnyKind_leavesOthersAlone() throws Exception {
        server.mount("/e", PATIENT, protocol);
        Random random = new Random(20);
        String[] words = {
            "xhr",
            "xhr_send",
            "xhr_streaming",
            "eventsource",
            "htmlfile?c=x",
            "jsonp?c=x",
            "jsonp_send",
            "websocket",
            "info",
            "iframe.html",
            "a",
            ".",
            "%2F",
            "%00",
            ""
        };
        String[] bodies = {
            "", "[]", "[\"a\"]", "[", "{}", "d=%5B%22x%22%5D", "\u0000", "[\"\\ud800\"]", "x".repeat(9_000)
        };
        try (Http good = server.http()) {
            assertEquals("o\n", good.post("/e/0/good/xhr", "").body());
            for (int i = 0; i < 400; i++) {
                StringBuilder path = new StringBuilder("/e");
                for (int depth = random.nextInt(4); depth >= 0; depth--) {
                    path.append('/').append(depth == 0 ? words[random.nextInt(words.length)] : "n" + i);
                }
                try (Http bad = server.http()) {
                    String method = random.nextInt(4) == 0 ? "GET" : "POST";
                    bad.send(
                            method, path.toString(), method.equals("GET") ? "" : bodies[random.nextInt(bodies.length)]);
                    if (random.nextBoolean()) {
                        SockJsServer.await("the head of an answer", bad::hasInput);
                    }
                }
            }
            assertEquals(
                    204, good.post("/e/0/good/xhr_send", "[\"still here\"]").status());
            assertEquals("a[\"still here\"]\n", good.post("/e/0/good/xhr", "").body());
        }
    }
}
