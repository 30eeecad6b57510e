package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.CloseReason;
import dev.pushy.core.MemorySessions;
import dev.pushy.core.SessionDirectory;
import dev.pushy.undertow.transport.TransportSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes behind a load balancer that sends requests anywhere. */
@Timeout(120)
class ForwardingTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration NEVER = Duration.ofMinutes(5);
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final SockJsOptions STANDARD = SockJsOptions.STANDARD.withTimes(NEVER, NEVER);
    private static final SockJsOptions PUSHER = SockJsOptions.PUSHER.withTimes(NEVER, NEVER);
    private static final TransportSettings SETTINGS =
            TransportSettings.DEFAULT.withBytes(8 * 1024 * 1024, 256 * 1024).withLinger(Duration.ofMillis(200));

    private final MemorySessions sessions = new MemorySessions();
    private final SessionDirectory firstSessions = sessions.node();
    private final SockJsServer a = new SockJsServer(SETTINGS, firstSessions);
    private final SockJsServer b = new SockJsServer(SETTINGS, sessions.node());
    private final ScriptedProtocol onA = ScriptedProtocol.echo();
    private final ScriptedProtocol onB = ScriptedProtocol.echo();
    private final List<Http> clients = new ArrayList<>();

    private void mount(SockJsOptions options) {
        a.mount("/e", options, onA);
        b.mount("/e", options, onB);
    }

    private Http client(SockJsServer node) {
        Http client = node.http();
        clients.add(client);
        return client;
    }

    @AfterEach
    void stop() {
        clients.forEach(Http::close);
        a.close();
        b.close();
    }

    private static ScriptedProtocol.Session opened(ScriptedProtocol protocol) throws InterruptedException {
        ScriptedProtocol.Session session = protocol.sessions.poll(20, TimeUnit.SECONDS);
        assertTrue(session != null, "no session was opened");
        return session;
    }

    private static void awaitClosed(ScriptedProtocol.Session session, CloseReason reason) throws InterruptedException {
        String next = "";
        while (!next.equals("(closed " + reason + ")")) {
            next = session.heard.poll(8, TimeUnit.SECONDS);
            assertTrue(next != null, "the session is not closed");
        }
    }

    private static String send(Http to, String session, String how, String message) {
        return how.equals("jsonp_send")
                ? to.post(session + "/jsonp_send", "d=[%22" + message + "%22]", "Content-Type", FORM)
                        .body()
                : String.valueOf(
                        to.post(session + "/xhr_send", "[\"" + message + "\"]").status());
    }

    /** A session that the nodes take for one of this node's. */
    private void claim(String session, RecordingNode node) {
        SessionDirectory directory = sessions.node();
        directory.start(URI.create("http://127.0.0.1:" + node.port()));
        directory.claim(session);
    }

    private static void awaitText(Http stream, String text) {
        StringBuilder got = new StringBuilder();
        while (got.indexOf(text) < 0) {
            String chunk = stream.chunk();
            assertFalse(chunk.isEmpty(), () -> "the stream has ended with: " + got);
            got.append(chunk);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST,xhr_streaming,,xhr_send",
        "GET,eventsource,,xhr_send",
        "GET,htmlfile,?c=f,jsonp_send",
        "GET,htmlfile,?c=f,xhr_send"
    })
    void stream_openedOnOneNode_hearsWhatIsSentToTheOther(String method, String transport, String query, String how)
            throws Exception {
        mount(STANDARD);
        Http stream = client(a);
        stream.begin(method, "/e/0/s/" + transport + (query == null ? "" : query));
        opened(onA);
        for (int i = 0; i < 20; i++) {
            assertEquals(
                    how.equals("xhr_send") ? "204" : "ok", send(client(i % 2 == 0 ? b : a), "/e/7/s", how, "m" + i));
            awaitText(stream, "m" + i);
        }
        assertTrue(onB.sessions.isEmpty(), "there is one session");
        assertEquals(10, b.forwarding.forwarded());
    }

    @ParameterizedTest
    @CsvSource({"POST,xhr_streaming,,xhr_send", "GET,eventsource,,xhr_send", "GET,htmlfile,?c=f,jsonp_send"})
    void stream_ofTheOtherNode_comesThrough(String method, String transport, String query, String how)
            throws Exception {
        mount(STANDARD);
        String url = "/e/0/s/" + transport + (query == null ? "" : query);
        Http poll = client(a);
        assertEquals("o\n", poll.post("/e/0/s/xhr", "").body());
        opened(onA);
        Http stream = client(b);
        Http.Answer head = stream.begin(method, url);
        assertEquals(200, head.status());
        assertEquals("no", head.header("X-Accel-Buffering"));
        for (int i = 0; i < 20; i++) {
            send(client(i % 2 == 0 ? b : a), "/e/7/s", how, "m" + i);
            awaitText(stream, "m" + i);
        }
        assertTrue(onB.sessions.isEmpty(), "there is one session");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void requests_sentAnywhere_loseAndDoubleNothing(long seed) throws Exception {
        mount(STANDARD);
        Random random = new Random(seed);
        List<Http> nodes = List.of(client(a), client(b));
        List<Http> senders = List.of(client(a), client(b));
        assertEquals("o\n", nodes.get(random.nextInt(2)).post("/e/0/s/xhr", "").body());
        List<String> heard = new ArrayList<>();
        int sent = 0;
        while (heard.size() < 300) {
            for (int i = random.nextInt(4); i >= 0 && sent < 300; i--) {
                assertEquals("204", send(senders.get(random.nextInt(2)), "/e/" + i + "/s", "xhr_send", "m" + sent++));
            }
            boolean jsonp = random.nextInt(4) == 0;
            Http node = nodes.get(random.nextInt(2));
            String frame = jsonp
                    ? script(node.get("/e/0/s/jsonp?c=f").body())
                    : node.post("/e/0/s/xhr", "").body();
            assertEquals('a', frame.charAt(0), frame);
            JSON.readTree(frame.substring(1)).forEach(message -> heard.add(message.textValue()));
        }
        for (int i = 0; i < 300; i++) {
            assertEquals("m" + i, heard.get(i));
        }
        assertEquals(1, onA.sessions.size() + onB.sessions.size());
    }

    private static String script(String body) throws IOException {
        assertTrue(body.startsWith("/**/f(") && body.endsWith(");\r\n"), body);
        return JSON.readTree(body.substring("/**/f(".length(), body.length() - ");\r\n".length()))
                .textValue();
    }

    @Test
    void receiver_onTheOtherNode_takesOver_andNothingIsLost() throws Exception {
        mount(PUSHER);
        Http first = client(a);
        first.begin("POST", "/e/0/s/xhr_streaming");
        awaitText(first, "o\n");
        Http second = client(b);
        second.begin("POST", "/e/0/s/xhr_streaming");
        assertTrue(endsUncleanly(first), "the first stream goes on");
        assertEquals("204", send(client(b), "/e/0/s", "xhr_send", "m1"));
        awaitText(second, "a[\"m1\"]\n");
        Http third = client(a);
        third.begin("POST", "/e/0/s/xhr_streaming");
        assertTrue(endsUncleanly(second), "the stream through the other node goes on");
        assertEquals("204", send(client(b), "/e/0/s", "xhr_send", "m2"));
        awaitText(third, "a[\"m2\"]\n");
    }

    private static boolean endsUncleanly(Http stream) {
        try {
            while (true) {
                assertFalse(stream.chunk().isEmpty(), "a stream that is taken over has no end of its own");
            }
        } catch (UncheckedIOException e) {
            return true;
        }
    }

    @Test
    void client_thatLeavesTheOtherNode_isGoneAtOnce() throws Exception {
        mount(STANDARD);
        client(a).post("/e/0/s/xhr", "");
        ScriptedProtocol.Session session = opened(onA);
        Http poll = client(b);
        poll.send("POST", "/e/0/s/xhr", "");
        awaitForwarded(1);
        poll.close();
        awaitClosed(session, CloseReason.CLIENT_GONE);
    }

    @Test
    void streamingClient_thatLeavesTheOtherNode_isGoneAtOnce() throws Exception {
        mount(STANDARD);
        client(a).post("/e/0/s/xhr", "");
        ScriptedProtocol.Session session = opened(onA);
        Http stream = client(b);
        stream.begin("POST", "/e/0/s/xhr_streaming");
        stream.close();
        awaitClosed(session, CloseReason.CLIENT_GONE);
    }

    private void awaitForwarded(int count) {
        SockJsServer.await("a request on its way", () -> b.forwarding.forwarded() >= count);
    }

    @Test
    void session_thatCloses_tellsSoThroughTheOtherNode() throws Exception {
        mount(PUSHER);
        client(a).post("/e/0/s/xhr", "");
        Http poll = client(b);
        poll.send("POST", "/e/0/s/xhr", "");
        awaitForwarded(1);
        opened(onA).socket.connection().close(CloseReason.DRAIN);
        assertEquals("c[4000,\"DRAIN\"]\n", poll.answer().body());
        assertEquals("c[4000,\"DRAIN\"]\n", client(b).post("/e/0/s/xhr", "").body());
        assertEquals(404, client(b).post("/e/0/s/xhr_send", "[\"x\"]").status());
    }

    @Test
    void secondReceiver_onTheOtherNode_isRefusedAsOnOne() {
        mount(STANDARD);
        Http stream = client(a);
        stream.begin("POST", "/e/0/s/xhr_streaming");
        awaitText(stream, "o\n");
        assertEquals(
                "c[2010,\"Another connection still open\"]\n",
                client(b).post("/e/0/s/xhr", "").body());
    }

    @Test
    void muchInBothDirections_comesWhole() throws Exception {
        mount(PUSHER);
        client(a).post("/e/0/s/xhr", "");
        Http stream = client(b);
        stream.begin("POST", "/e/0/s/xhr_streaming");
        stream.chunk();
        String message = "x".repeat(200_000);
        Http sender = client(b);
        for (int i = 0; i < 12; i++) {
            assertEquals("204", send(sender, "/e/0/s", "xhr_send", message + i));
        }
        for (int i = 0; i < 12; i++) {
            awaitText(stream, message + i);
        }
    }

    @Test
    void unknownSession_isUnknownOnAllNodes() {
        mount(STANDARD);
        assertEquals(404, client(a).post("/e/0/s/xhr_send", "[\"x\"]").status());
        assertEquals(404, client(b).post("/e/0/s/jsonp_send", "[\"x\"]").status());
        assertEquals(0, a.forwarding.forwarded() + b.forwarding.forwarded());
    }

    @Test
    void requestThatWasForwarded_isNotForwardedAgain() {
        mount(STANDARD);
        client(a).post("/e/0/s/xhr", "");
        for (String path : List.of("/xhr", "/xhr_streaming", "/xhr_send")) {
            assertEquals(
                    404,
                    client(b)
                            .post("/e/0/s" + path, "[\"x\"]", "Pushy-Forwarded", "1")
                            .status());
        }
        assertEquals(0, b.forwarding.forwarded());
    }

    @Test
    void sessionOfANodeThatDied_isOver_andItsNameFreeWithTheLease() throws Exception {
        mount(STANDARD);
        client(a).post("/e/0/s/xhr", "");
        a.stop();
        assertEquals(404, client(b).post("/e/0/s/xhr", "").status());
        assertEquals(404, client(b).post("/e/0/s/xhr_send", "[\"x\"]").status());
        assertEquals(2, b.forwarding.unreachable());
        sessions.endLease(firstSessions);
        assertEquals(404, client(b).post("/e/0/s/xhr_send", "[\"x\"]").status());
        assertEquals("o\n", client(b).post("/e/0/s/xhr", "").body());
        opened(onB);
    }

    @Test
    void node_thatDiesUnderAStream_endsIt() throws Exception {
        mount(STANDARD);
        client(a).post("/e/0/s/xhr", "");
        Http stream = client(b);
        stream.begin("POST", "/e/0/s/xhr_streaming");
        stream.chunk();
        a.stop();
        assertTrue(endsUncleanly(stream), "the stream goes on");
    }

    @Test
    void directoryThatIsAway_leavesKnownSessionsAlone_andTakesNewOnes() throws Exception {
        mount(STANDARD);
        client(a).post("/e/0/s/xhr", "");
        client(a).post("/e/0/t/xhr", "");
        assertEquals("204", send(client(b), "/e/0/s", "xhr_send", "m"));
        sessions.setAway(true);
        assertEquals("a[\"m\"]\n", client(a).post("/e/0/s/xhr", "").body());
        assertEquals("204", send(client(b), "/e/0/s", "xhr_send", "n"));
        assertEquals("a[\"n\"]\n", client(b).post("/e/0/s/xhr", "").body());
        assertEquals(404, client(b).post("/e/0/t/xhr_send", "[\"x\"]").status());
        assertEquals("o\n", client(b).post("/e/0/new/xhr", "").body());
        assertEquals("204", send(client(b), "/e/0/new", "xhr_send", "n"));
        assertEquals("a[\"n\"]\n", client(b).post("/e/0/new/xhr", "").body());
    }

    @Test
    void sessionThatIsForgotten_isReleased() throws Exception {
        mount(STANDARD.withTimes(NEVER, Duration.ofMillis(50)));
        client(a).post("/e/0/s/xhr", "");
        awaitClosed(opened(onA), CloseReason.CLIENT_GONE);
        SockJsServer.await(
                "the name is free",
                () -> client(b).post("/e/0/s/xhr", "").body().equals("o\n"));
    }

    @Test
    void sessionThatWasNotOpened_isReleased() {
        mount(STANDARD.withSessions(1));
        client(a).post("/e/0/one/xhr", "");
        assertEquals(503, client(a).post("/e/0/two/xhr", "").status());
        assertEquals("o\n", client(b).post("/e/0/two/xhr", "").body());
        assertEquals(0, b.forwarding.forwarded());
    }

    @Test
    void drain_endsWhatIsUnderWay() {
        mount(STANDARD);
        client(a).post("/e/0/s/xhr", "");
        client(a).post("/e/0/t/xhr", "");
        Http stream = client(b);
        stream.begin("POST", "/e/0/s/xhr_streaming");
        stream.chunk();
        b.forwarding.drain(Duration.ofMillis(200));
        assertTrue(endsUncleanly(stream), "the stream goes on");
        Http late = client(b);
        late.send("POST", "/e/0/t/xhr_streaming", "");
        assertThrows(
                UncheckedIOException.class,
                () -> {
                    late.answerHead();
                    awaitText(late, "what never comes");
                },
                "the stream that began during the drain goes on");
    }

    @Test
    void request_comesAsItWas_andConnectionsAreKept() throws Exception {
        mount(STANDARD);
        try (RecordingNode node = new RecordingNode("HTTP/1.1 204 No Content\r\nX-Of-Node: 1\r\n\r\n")) {
            claim("/e/s", node);
            Http client = client(b);
            for (int i = 0; i < 30; i++) {
                Http.Answer answer = client.post(
                        "/e/0%31/s/xhr_send?t=" + i + "&x=%2F",
                        "[\"\u00fc\"]",
                        "Origin",
                        "https://example.com",
                        "Cookie",
                        "JSESSIONID=n1",
                        "X-Forwarded-For",
                        "203.0.113.9",
                        "X-Forwarded-Proto",
                        "https",
                        "Connection",
                        "keep-alive, Upgrade",
                        "Upgrade",
                        "something");
                assertEquals(204, answer.status());
                assertEquals("1", answer.header("X-Of-Node"));
                RecordingNode.Request request = node.next();
                assertEquals("POST /e/0%31/s/xhr_send?t=" + i + "&x=%2F HTTP/1.1", request.line());
                assertEquals("localhost", request.header("Host"));
                assertEquals("https://example.com", request.header("Origin"));
                assertEquals("JSESSIONID=n1", request.header("Cookie"));
                assertEquals("203.0.113.9, 127.0.0.1", request.header("X-Forwarded-For"));
                assertEquals("https", request.header("X-Forwarded-Proto"));
                assertEquals("1", request.header("Pushy-Forwarded"));
                assertEquals(null, request.header("Upgrade"));
                assertEquals(null, request.header("Transfer-Encoding"));
                assertEquals("[\"\u00fc\"]", request.body());
            }
            assertTrue(node.connections() <= 5, "each request has a connection of its own");
        }
    }

    @Test
    void node_thatEndsAKeptConnection_isConnectedAgain() throws Exception {
        mount(STANDARD);
        try (RecordingNode node = new RecordingNode("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")) {
            claim("/e/s", node);
            Http client = client(b);
            for (int i = 0; i < 5; i++) {
                assertEquals("204", send(client, "/e/0/s", "xhr_send", "m"));
                node.next();
            }
            assertEquals(5, node.connections());
        }
    }

    @Test
    void node_thatSaysNothing_isLeftWhenTheClientGoes() throws Exception {
        mount(STANDARD);
        try (RecordingNode node = new RecordingNode("")) {
            claim("/e/s", node);
            Http poll = client(b);
            poll.send("POST", "/e/0/s/xhr", "");
            node.next();
            poll.close();
            SockJsServer.await("the end of the connection", node::isLeft);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\no\n\r\n"})
    void node_thatSaysNothingForTwoHeartbeats_isTakenForGone(String answer) throws Exception {
        mount(STANDARD.withTimes(Duration.ofSeconds(2), NEVER));
        try (RecordingNode node = new RecordingNode(answer)) {
            claim("/e/s", node);
            Http stream = client(b);
            stream.send("POST", "/e/0/s/xhr_streaming", "");
            node.next();
            if (!answer.isEmpty()) {
                stream.answerHead();
                assertEquals("o\n", stream.chunk());
            }
            assertTrue(stream.isAtEnd(), "the client waits for ever");
            SockJsServer.await("the end of the connection", node::isLeft);
        }
    }

    @Test
    void node_thatSendsHeartbeats_isHeardOn() {
        mount(STANDARD.withTimes(Duration.ofSeconds(2), NEVER));
        client(a).post("/e/0/s/xhr", "");
        Http stream = client(b);
        stream.begin("POST", "/e/0/s/xhr_streaming");
        stream.chunk();
        for (int i = 0; i < 3; i++) {
            assertEquals("h\n", stream.chunk());
        }
    }

    @Test
    void node_thatHangsUp_isSeenAsHangingUp() throws Exception {
        mount(STANDARD);
        try (RecordingNode node = new RecordingNode("HTTP/1.1 200 OK\r\nContent-Le")) {
            claim("/e/s", node);
            Http poll = client(b);
            poll.send("POST", "/e/0/s/xhr", "");
            node.next();
            node.hangUp();
            assertTrue(poll.isAtEnd(), "the client hears an end");
        }
    }

    @Test
    void clientOverHttp2_hearsEachFrameAtOnce() throws Exception {
        mount(STANDARD);
        client(a).post("/e/0/s/xhr", "");
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        HttpResponse<java.util.stream.Stream<String>> response = http.send(
                HttpRequest.newBuilder(b.address().resolve("/e/0/s/eventsource"))
                        .build(),
                HttpResponse.BodyHandlers.ofLines());
        assertEquals(HttpClient.Version.HTTP_2, response.version());
        Thread reader = new Thread(() -> response.body().forEach(lines::add));
        reader.setDaemon(true);
        reader.start();
        for (int i = 0; i < 10; i++) {
            assertEquals("204", send(client(b), "/e/0/s", "xhr_send", "m" + i));
            String line = "";
            while (!line.contains("m" + i)) {
                line = lines.poll(20, TimeUnit.SECONDS);
                assertTrue(line != null, "a frame is held back");
            }
        }
    }
}
