package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.contract.Await;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sessions over HTTP requests on two packaged servers, when one of them or their Redis ends. A session lives as long as
 * somebody listens, so somebody does.
 */
class SessionForwardingIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PING = "{\"type\":\"ping\"}";

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Await.PATIENCE).build();
    private RedisProcess redis;
    private ServerProcess one;
    private ServerProcess two;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        redis = RedisProcess.start(folder.resolve("redis"));
        one = node(folder);
        two = node(folder);
        awaitReadiness();
    }

    private ServerProcess node(Path folder) throws Exception {
        return ServerProcess.runJar(
                ServerJarIT.jar(),
                folder,
                Map.of("REDIS_URL", redis.url()),
                "start",
                "--dev",
                "--port",
                "0",
                "--set",
                "token.auth-timeout=1m");
    }

    private void awaitReadiness() throws Exception {
        for (ServerProcess node : List.of(one, two)) {
            new NodeClient(node.port()).awaitReadiness(200);
        }
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
        redis.close();
    }

    private static HttpRequest request(ServerProcess node, String path, String body) throws Exception {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + "/channels/sockjs/0/" + path))
                .timeout(Await.PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> post(ServerProcess node, String path, String body) throws Exception {
        return http.send(request(node, path, body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> poll(ServerProcess node, String session) throws Exception {
        return post(node, session + "/xhr", "");
    }

    private int send(ServerProcess node, String session, String message) throws Exception {
        return post(node, session + "/xhr_send", JSON.writeValueAsString(List.of(message)))
                .statusCode();
    }

    /** What a session says in a stream. */
    private final class Listener implements AutoCloseable {
        private final Stream<String> body;
        private final Iterator<String> lines;

        Listener(ServerProcess node, String session) throws Exception {
            HttpResponse<Stream<String>> answer =
                    http.send(request(node, session + "/xhr_streaming", ""), HttpResponse.BodyHandlers.ofLines());
            assertEquals(200, answer.statusCode());
            body = answer.body();
            lines = body.iterator();
            assertEquals("h".repeat(2_048), lines.next());
        }

        /** Reads on to a line that has the text. */
        void until(String text) {
            String line = lines.next();
            while (!line.contains(text)) {
                line = lines.next();
            }
        }

        void untilEnd() {
            try {
                lines.forEachRemaining(line -> {});
            } catch (UncheckedIOException e) {
                // It was cut.
            }
        }

        @Override
        public void close() {
            body.close();
        }
    }

    private void authenticate(ServerProcess node, String session, Listener listener) throws Exception {
        String token = new NodeClient(node.port()).token("me", "news");
        assertEquals(204, send(node, session, "{\"type\":\"auth\",\"token\":\"" + token + "\"}"));
        listener.until("\\\"open\\\"");
    }

    /** A session on the first node, listened to by way of the second. */
    private Listener open() throws Exception {
        assertEquals("o\n", poll(one, "s").body());
        Listener listener = new Listener(two, "s");
        authenticate(two, "s", listener);
        return listener;
    }

    @Test
    void session_ofANodeThatIsKilled_isOver_andItsNameFreeSoon() throws Exception {
        try (Listener listener = open()) {
            assertEquals(204, send(two, "s", "{\"type\":\"subscribe\",\"channels\":[\"news\"]}"));
            listener.until("\\\"subscribed\\\"");
            new NodeClient(two.port()).publish("news", "1");
            listener.until("\\\"message\\\"");
            one.close();
            listener.untilEnd();
        }
        assertEquals(404, poll(two, "s").statusCode());
        assertEquals(404, send(two, "s", PING));
        two.awaitOut(line -> line.contains("cannot be reached"));
        Await.until(() -> isOpenedAnew("s"), () -> "the name of the session is not free");
    }

    private boolean isOpenedAnew(String session) {
        try {
            HttpResponse<String> answer = poll(two, session);
            assertTrue(answer.statusCode() == 404 || answer.body().equals("o\n"), answer::body);
            return answer.statusCode() == 200;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void sessions_whileRedisIsAway_goOn_andNewOnesAreKnownAfterwards() throws Exception {
        try (Listener listener = open()) {
            redis.kill();
            for (ServerProcess node : List.of(two, one, two)) {
                assertEquals(204, send(node, "s", PING));
                listener.until("\\\"pong\\\"");
            }
            try (Listener late = new Listener(two, "late")) {
                authenticate(two, "late", late);
                redis.restart();
                awaitReadiness();
                Await.until(() -> isTaken(one, "late"), () -> "the new session is not told to Redis");
                late.until("\\\"pong\\\"");
            }
        }
    }

    private boolean isTaken(ServerProcess node, String session) {
        try {
            return send(node, session, PING) == 204;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void node_thatStops_tellsItsSessions_andMakesTheirNamesFree() throws Exception {
        try (Listener listener = open()) {
            one.terminate();
            listener.until("c[1001");
            listener.untilEnd();
        }
        assertEquals(0, one.exitCode());
        // At once: after the lease it would be free in any case.
        assertEquals("o\n", poll(two, "s").body());
    }
}
