package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.transport.TransportSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of a session, as its protocol sees it. */
@Timeout(60)
class SockJsSessionTest {
    private static final SockJsOptions FAST =
            SockJsOptions.STANDARD.withTimes(Duration.ofMillis(100), Duration.ofMillis(300));
    private static final SockJsOptions PATIENT =
            SockJsOptions.STANDARD.withTimes(Duration.ofMinutes(5), Duration.ofMinutes(5));
    private static final int BACKLOG = 64 * 1024;

    private final SockJsServer server = new SockJsServer(
            TransportSettings.DEFAULT.withBytes(BACKLOG, 16 * 1024).withLinger(Duration.ofMillis(200)));
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

    private static String heard(ScriptedProtocol.Session session) throws InterruptedException {
        String next = session.heard.poll(10, TimeUnit.SECONDS);
        assertTrue(next != null, "nothing more was heard");
        return next;
    }

    private static void on(ClientSocket socket, Runnable task) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        socket.connection().loop().execute(() -> {
            task.run();
            done.complete(null);
        });
        done.get(10, TimeUnit.SECONDS);
    }

    /** Appends messages as the hub does. */
    private static void publish(ClientSocket socket, String... texts) throws Exception {
        on(socket, () -> {
            Connection connection = socket.connection();
            for (String text : texts) {
                connection.append(SockJsText.element(text.getBytes(StandardCharsets.UTF_8)), null);
            }
            connection.flush();
        });
    }

    private String beginStream(String url) {
        assertEquals(200, stream.begin("POST", url + "/xhr_streaming").status());
        stream.chunk();
        return stream.chunk();
    }

    @Test
    void stream_thatIsQuiet_hasHeartbeats() throws Exception {
        server.mount("/e", FAST, protocol);
        assertEquals("o\n", beginStream("/e/0/a"));
        assertEquals("h\n", stream.chunk());
        assertEquals("h\n", stream.chunk());
        assertEquals("(heartbeat)", heard(opened()));
    }

    @Test
    void poll_thatIsQuiet_endsWithAHeartbeat() {
        server.mount("/e", PATIENT.withTimes(Duration.ofMillis(100), Duration.ofMinutes(5)), protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        assertEquals("h\n", http.post("/e/0/a/xhr", "").body());
        assertEquals("h\n", http.post("/e/0/a/xhr", "").body());
    }

    @Test
    void session_withoutAReceiver_endsAndIsForgotten() throws Exception {
        SockJsHandler handler = server.mount("/e", FAST, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        assertEquals("(closed CLIENT_GONE)", heard(opened()));
        SockJsServer.await("no session", () -> handler.sessions() == 0);
        assertEquals(404, http.post("/e/0/a/xhr_send", "[]").status());
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
    }

    @Test
    void session_thatWasClosed_isForgottenWhenNobodyAsks() throws Exception {
        SockJsHandler handler =
                server.mount("/e", FAST.withTimes(Duration.ofMinutes(5), Duration.ofMillis(300)), protocol);
        assertEquals("o\n", beginStream("/e/0/a"));
        opened().socket.connection().close(CloseReason.UNAUTHORIZED);
        assertEquals("c[4000,\"UNAUTHORIZED\"]\n", stream.chunk());
        assertEquals("", stream.chunk());
        SockJsServer.await("no session", () -> handler.sessions() == 0);
    }

    @Test
    void close_withLastWords_sendsThemFirst() throws Exception {
        server.mount("/e", PATIENT, protocol);
        assertEquals("o\n", beginStream("/e/0/a"));
        ScriptedProtocol.Session session = opened();
        session.socket.connection().close(CloseReason.FORBIDDEN);
        session.socket.connection().close(CloseReason.INTERNAL);
        assertEquals("a[\"last words\"]\n", stream.chunk());
        assertEquals("c[4000,\"FORBIDDEN\"]\n", stream.chunk());
        assertEquals("(closed FORBIDDEN)", heard(session));
    }

    @Test
    void close_whilePollsAreAnswered_comesBehindTheMessages() throws Exception {
        server.mount("/e", PATIENT, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        ScriptedProtocol.Session session = opened();
        publish(session.socket, "one", "two");
        on(session.socket, () -> session.socket.connection().close(CloseReason.FORBIDDEN));
        assertEquals(
                "a[\"one\",\"two\",\"last words\"]\n",
                http.post("/e/0/a/xhr", "").body());
        assertEquals("c[4000,\"FORBIDDEN\"]\n", http.post("/e/0/a/xhr", "").body());
        assertEquals(404, http.post("/e/0/a/xhr_send", "[\"too late\"]").status());
    }

    @Test
    void messages_beforeTheNextPoll_waitAndAreToldWhenTheyAreGone() throws Exception {
        server.mount("/e", PATIENT, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        ScriptedProtocol.Session session = opened();
        publish(session.socket, "one", "two");
        assertEquals("a[\"one\",\"two\"]\n", http.post("/e/0/a/xhr", "").body());
        assertEquals("(drained)", heard(session));
    }

    @Test
    void messages_thatNobodyTakes_endTheSessionAsSlow() throws Exception {
        server.mount("/e", PATIENT, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        ScriptedProtocol.Session session = opened();
        String large = "x".repeat(BACKLOG / 4);
        for (int i = 0; i < 3; i++) {
            publish(session.socket, large);
        }
        on(session.socket, () -> assertTrue(session.socket.connection().backlog() > BACKLOG / 2));
        publish(session.socket, large);
        assertEquals("(closed SLOW_CONSUMER)", heard(session));
        assertEquals("c[4000,\"SLOW_CONSUMER\"]\n", http.post("/e/0/a/xhr", "").body());
    }

    @Test
    void stream_thatNobodyReads_isEndedAsSlowAndCut() throws Exception {
        server.mount("/e", PATIENT.withResponseLimit(Integer.MAX_VALUE), protocol);
        try (Http lazy = new Http(server.port(), 4 * 1024)) {
            lazy.begin("POST", "/e/0/a/xhr_streaming");
            ScriptedProtocol.Session session = opened();
            String large = "x".repeat(BACKLOG / 8);
            SockJsServer.await("the end", () -> {
                try {
                    publish(session.socket, large);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                return session.heard.contains("(closed SLOW_CONSUMER)");
            });
            SockJsServer.await(
                    "the close frame for whoever asks now",
                    () -> http.post("/e/0/a/xhr", "").body().equals("c[4000,\"SLOW_CONSUMER\"]\n"));
        }
    }

    @Test
    void send_ofSeveralRequests_isHeardInOrder() throws Exception {
        server.mount("/e", PATIENT, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        ScriptedProtocol.Session session = opened();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            try (Http other = server.http()) {
                assertEquals(
                        204,
                        other.post("/e/0/a/xhr_send", "[\"" + i + "\",\"" + i + "b\"]")
                                .status());
            }
            expected.add(i + "");
            expected.add(i + "b");
        }
        List<String> heard = new ArrayList<>();
        session.heard.drainTo(heard);
        assertEquals(expected, heard);
    }

    @Test
    void send_whileTheSessionDoesNotRead_isAnsweredWhenItDoes() throws Exception {
        server.mount("/e", PATIENT, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        ScriptedProtocol.Session session = opened();
        on(session.socket, session.socket::suspendReads);
        stream.send("POST", "/e/0/a/xhr_send", "[\"one\",\"two\"]");
        assertEquals("o\n", http.post("/e/0/other/xhr", "").body());
        assertFalse(stream.hasInput());
        assertTrue(session.heard.isEmpty());
        on(session.socket, session.socket::resumeReads);
        assertEquals(204, stream.answer().status());
        assertEquals("one", heard(session));
        assertEquals("two", heard(session));
    }

    @Test
    void send_ofMoreThanMayWait_endsTheSession() throws Exception {
        server.mount("/e", PATIENT, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        ScriptedProtocol.Session session = opened();
        on(session.socket, session.socket::suspendReads);
        String body = "[\"" + "x".repeat(15 * 1024) + "\",\"" + "y".repeat(15 * 1024) + "\"]";
        List<Http> senders = IntStream.range(0, 3).mapToObj(i -> server.http()).toList();
        senders.forEach(sender -> sender.send("POST", "/e/0/a/xhr_send", body));
        for (Http sender : senders) {
            assertEquals(404, sender.answer().status());
            sender.close();
        }
        assertEquals("(closed RATE_LIMITED)", heard(session));
        assertEquals("c[4000,\"RATE_LIMITED\"]\n", http.post("/e/0/a/xhr", "").body());
    }

    @Test
    void send_ofTooMuch_isRefused() {
        server.mount("/e", PATIENT, protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        assertEquals(
                413,
                http.post("/e/0/a/xhr_send", "[\"" + "x".repeat(17 * 1024) + "\"]")
                        .status());
        try (Http other = server.http()) {
            assertEquals(
                    413, other.post("/e/0/a/xhr_send", "x".repeat(65 * 1024)).status());
        }
        assertEquals(204, http.post("/e/0/a/xhr_send", "[\"a\"]").status());
    }

    @Test
    void protocol_thatFails_endsTheSessionAlone() throws Exception {
        server.mount("/e", PATIENT, new ScriptedProtocol(socket -> {}, (socket, text) -> {
            throw new IllegalStateException("planned");
        }));
        assertEquals("o\n", beginStream("/e/0/a"));
        http.post("/e/0/a/xhr_send", "[\"a\"]");
        assertEquals("c[4000,\"INTERNAL\"]\n", stream.chunk());
        server.mount(
                "/f",
                PATIENT,
                new ScriptedProtocol(
                        socket -> {
                            throw new IllegalStateException("planned");
                        },
                        (socket, text) -> {}));
        assertEquals("o\n", http.post("/f/0/a/xhr", "").body());
        assertEquals("c[1011,\"\"]\n", http.post("/f/0/a/xhr", "").body());
    }

    @Test
    void sessions_beyondTheirBound_areRefused() {
        SockJsHandler handler = server.mount("/e", PATIENT.withSessions(2), protocol);
        assertEquals("o\n", http.post("/e/0/a/xhr", "").body());
        assertEquals("o\n", http.post("/e/0/b/xhr", "").body());
        assertEquals(503, http.post("/e/0/c/xhr", "").status());
        assertEquals(204, http.post("/e/0/a/xhr_send", "[]").status());
        assertEquals(2, handler.sessions());
    }

    @Test
    void sessions_thatComeAndGo_leaveNothing() throws Exception {
        SockJsHandler handler = server.mount("/e", FAST, protocol);
        for (int i = 0; i < 1_000; i++) {
            switch (i % 4) {
                case 0 ->
                    assertEquals("o\n", http.post("/e/0/" + i + "/xhr", "").body());
                case 1 ->
                    assertEquals(
                            "/**/x(\"o\");\r\n",
                            http.get("/e/0/" + i + "/jsonp?c=x").body());
                default -> {
                    try (Http leaving = server.http()) {
                        leaving.begin("POST", "/e/0/" + i + "/xhr_streaming");
                        if (i % 4 == 2) {
                            leaving.chunk();
                            leaving.chunk();
                        }
                    }
                }
            }
        }
        SockJsServer.await("no session", () -> handler.sessions() == 0);
        List<ScriptedProtocol.Session> sessions = new ArrayList<>();
        protocol.sessions.drainTo(sessions);
        assertTrue(sessions.size() >= 750, "only " + sessions.size() + " sessions were opened");
        SockJsServer.await(
                "the end of all",
                () -> sessions.stream().allMatch(session -> session.heard.contains("(closed CLIENT_GONE)")));
    }

    @Test
    void request_afterItWasForgotten_isNotGiven() throws Exception {
        server.mount("/e", PATIENT, protocol);
        http.post("/e/0/a/xhr", "");
        ScriptedProtocol.Session session = opened();
        assertEquals("/e", session.socket.request().path());
        session.socket.forgetRequest();
        assertThrows(IllegalStateException.class, session.socket::request);
    }
}
