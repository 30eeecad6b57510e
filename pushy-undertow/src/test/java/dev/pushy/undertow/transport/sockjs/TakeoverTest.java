package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.undertow.transport.TransportSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions as pusher-js wants them: a second receive request takes over. */
@Timeout(60)
class TakeoverTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SockJsOptions OPTIONS =
            SockJsOptions.PUSHER.withTimes(Duration.ofMinutes(5), Duration.ofMinutes(5));

    private final SockJsServer server =
            new SockJsServer(TransportSettings.DEFAULT.withBytes(64 * 1024 * 1024, 64 * 1024));
    private final ScriptedProtocol protocol = ScriptedProtocol.echo();
    private final Http http = server.http();
    private final Http stream = server.http();

    @AfterEach
    void stop() {
        http.close();
        stream.close();
        server.close();
    }

    private ScriptedProtocol.Session opened() throws InterruptedException {
        ScriptedProtocol.Session session = protocol.sessions.poll(10, TimeUnit.SECONDS);
        assertTrue(session != null, "no session was opened");
        return session;
    }

    @Test
    void stream_whileAnotherIsOpen_takesOverWithoutOpenFrame() {
        server.mount("/e", OPTIONS, protocol);
        stream.begin("POST", "/e/0/a/xhr_streaming?t=1&n=1");
        stream.chunk();
        assertEquals("o\n", stream.chunk());
        http.begin("POST", "/e/0/a/xhr_streaming?t=2&n=2");
        http.chunk();
        readToEnd(stream, new ArrayList<>());
        try (Http sender = server.http()) {
            assertEquals(204, sender.post("/e/0/a/xhr_send", "[\"a\"]").status());
        }
        assertEquals("a[\"a\"]\n", http.chunk());
    }

    @Test
    void stream_thatTheClientGaveUp_leavesTheSessionForTheNext() throws Exception {
        server.mount("/e", OPTIONS, protocol);
        stream.begin("POST", "/e/0/a/xhr_streaming");
        stream.chunk();
        stream.chunk();
        stream.close();
        ScriptedProtocol.Session session = opened();
        for (int i = 0; i < 3; i++) {
            assertEquals(204, http.post("/e/0/a/xhr_send", "[]").status());
        }
        assertTrue(session.heard.isEmpty(), "an empty array is no message, and the session is not over");
        http.begin("POST", "/e/0/a/xhr_streaming");
        http.chunk();
        // The prelude does not wait until the session has changed over.
        try (Http sender = server.http()) {
            SockJsServer.await("a message in the stream that is left", () -> {
                assertEquals(204, sender.post("/e/0/a/xhr_send", "[\"a\"]").status());
                return http.hasInput();
            });
        }
        assertTrue(http.chunk().startsWith("a[\"a\""));
    }

    @Test
    void stream_ofMuch_isNeverCut() throws Exception {
        server.mount("/e", OPTIONS.withResponseLimit(1_024), protocol);
        stream.begin("POST", "/e/0/a/xhr_streaming");
        stream.chunk();
        assertEquals("o\n", stream.chunk());
        String message = "x".repeat(50_000);
        for (int i = 0; i < 10; i++) {
            assertEquals(
                    204, http.post("/e/0/a/xhr_send", "[\"" + message + "\"]").status());
            assertEquals("a[\"" + message + "\"]\n", stream.chunk());
        }
        opened().socket.connection().close(CloseReason.DRAIN);
        assertEquals("c[4000,\"DRAIN\"]\n", stream.chunk());
        assertEquals("", stream.chunk());
    }

    @Test
    void refusal_inPolls_comesBehindTheOpenFrame() {
        server.mount(
                "/e",
                OPTIONS,
                new ScriptedProtocol(
                        socket -> {
                            socket.send("error");
                            socket.close(
                                    new dev.pushy.undertow.protocol.ClientSession.CloseCode(4001, "no such app"),
                                    CloseReason.UNAUTHORIZED);
                        },
                        (socket, text) -> {}));
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        assertEquals("a[\"error\"]\n", http.post("/e/0/a/xhr", "").body());
        assertEquals("c[4001,\"no such app\"]\n", http.post("/e/0/a/xhr", "").body());
    }

    @Test
    void poll_whileAnotherWaits_takesOver() {
        server.mount("/e", OPTIONS, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        http.send("POST", "/e/0/a/xhr", "");
        stream.send("POST", "/e/0/a/xhr", "");
        try (Http sender = server.http()) {
            SockJsServer.await("an answer to the poll that is left", () -> {
                assertEquals(204, sender.post("/e/0/a/xhr_send", "[\"a\"]").status());
                return http.hasInput() || stream.hasInput();
            });
        }
        Http answered = http.hasInput() ? http : stream;
        assertTrue(answered.answer().body().startsWith("a[\"a\""));
    }

    @Test
    void preflight_ofPusher_allowsNoCredentials() {
        server.mount("/e", OPTIONS, protocol);
        Http.Answer answer = http.options(
                "/e/0/a/xhr_send",
                "Origin",
                "http://one.example",
                "Access-Control-Request-Method",
                "POST",
                "Access-Control-Request-Headers",
                "content-type");
        assertEquals(204, answer.status());
        assertEquals("*", answer.header("Access-Control-Allow-Origin"));
        assertEquals("OPTIONS, POST", answer.header("Access-Control-Allow-Methods"));
        assertEquals("Content-Type", answer.header("Access-Control-Allow-Headers"));
        assertNull(answer.header("Access-Control-Allow-Credentials"));
        assertEquals("31536000", answer.header("Access-Control-Max-Age"));
        Http.Answer poll = http.post("/e/0/a/xhr", "", "Origin", "http://one.example");
        assertEquals("*", poll.header("Access-Control-Allow-Origin"));
        assertEquals("no", poll.header("X-Accel-Buffering"));
        assertNull(poll.header("Access-Control-Allow-Credentials"));
    }

    @Test
    void otherTransports_ofPusher_areNotThere() {
        server.mount("/e", OPTIONS, protocol);
        for (String path : List.of("", "/info", "/iframe.html", "/websocket", "/0/a/websocket", "/0/a/eventsource")) {
            assertEquals(404, http.get("/e" + path).status(), path);
        }
    }

    /** Whenever it takes over, and on whatever thread: each message once, in order. */
    @Test
    void takeovers_underLoad_loseAndRepeatNothing() throws Exception {
        server.mount("/e", OPTIONS, protocol);
        List<Integer> heard = new ArrayList<>();
        Http on = server.http();
        on.begin("POST", "/e/0/a/xhr_streaming");
        Connection connection = opened().socket.connection();
        int total = 20_000;
        // Never far ahead of the reader: one stream must not bring it all, with nothing left to take over.
        Semaphore ahead = new Semaphore(600);
        Thread publisher = new Thread(() -> publish(connection, total, ahead), "publisher");
        publisher.start();
        int takeovers = 0;
        int released = 0;
        while (heard.size() < total) {
            int from = heard.size();
            ahead.release(from - released);
            while (heard.size() < Math.min(total, from + 200)) {
                read(on.chunk(), heard);
            }
            ahead.release(heard.size() - from);
            released = heard.size();
            if (heard.size() < total) {
                Http next = server.http();
                next.send("POST", "/e/0/a/xhr_streaming", "");
                readToEnd(on, heard);
                on.close();
                next.answerHead();
                on = next;
                takeovers++;
            }
        }
        on.close();
        publisher.join();
        assertEquals(IntStream.range(0, total).boxed().toList(), heard);
        assertTrue(takeovers > 10, "only " + takeovers + " takeovers");
    }

    /** A few at a time, each when the loop has done those before and could look at its sockets in between. */
    private static void publish(Connection connection, int total, Semaphore ahead) {
        int batch = 20;
        for (int first = 0; first < total; first += batch) {
            int from = first;
            try {
                if (!ahead.tryAcquire(batch, 30, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                return;
            }
            CompletableFuture.runAsync(
                            () -> {
                                for (int i = from; i < from + batch; i++) {
                                    String text = i + " " + "x".repeat(i % 700);
                                    byte[] element = SockJsText.element(text.getBytes(StandardCharsets.UTF_8));
                                    connection.append(element, null);
                                }
                                connection.flush();
                            },
                            connection.loop()::execute)
                    .join();
        }
    }

    /** What was on its way to the one that had to give way; a frame that is cut is given to the next one. */
    private static void readToEnd(Http on, List<Integer> heard) {
        while (true) {
            String chunk;
            try {
                chunk = on.chunk();
            } catch (RuntimeException cut) {
                return;
            }
            read(chunk, heard);
        }
    }

    private static void read(String chunk, List<Integer> heard) {
        if (chunk.startsWith("a")) {
            try {
                for (JsonNode message : JSON.readTree(chunk.substring(1))) {
                    heard.add(Integer.parseInt(message.textValue().split(" ", 2)[0]));
                }
            } catch (java.io.IOException e) {
                throw new AssertionError("no frame: " + chunk, e);
            }
        }
    }
}
