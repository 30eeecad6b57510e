package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the suite of SockJS asks of WebSockets, with its frames and without. */
@Timeout(60)
class SuiteWebSocketTest {
    private static final SockJsServer SERVER = new SockJsServer();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    /** What a WebSocket hears: texts, then the close frame. */
    private static final class Ear implements WebSocket.Listener {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add(code + " " + reason);
            return null;
        }

        String next() throws InterruptedException {
            String next = heard.poll(15, TimeUnit.SECONDS);
            assertTrue(next != null, "nothing came");
            return next;
        }
    }

    private static WebSocket open(String path, Ear ear) {
        return CLIENT.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + SERVER.port() + "/sockjs" + path), ear)
                .join();
    }

    @Test
    void webSocket_fromOpenToEcho_isFramed() throws Exception {
        Ear ear = new Ear();
        WebSocket socket = open("/echo/000/abc/websocket", ear);
        assertEquals("o", ear.next());
        socket.sendText("", true).join();
        socket.sendText("[]", true).join();
        socket.sendText("[\"a\"]", true).join();
        assertEquals("a[\"a\"]", ear.next());
        socket.sendText("[\"b\",\"c\"]", true).join();
        assertEquals("a[\"b\"]", ear.next());
        assertEquals("a[\"c\"]", ear.next());
        socket.sendText("\"single\"", true).join();
        assertEquals("a[\"single\"]", ear.next());
        socket.abort();
    }

    @Test
    void webSocket_ofTheSameWord_isAnotherSession() throws Exception {
        Ear one = new Ear();
        Ear two = new Ear();
        WebSocket first = open("/echo/000/same/websocket", one);
        WebSocket second = open("/echo/000/same/websocket", two);
        assertEquals("o", one.next());
        assertEquals("o", two.next());
        first.sendText("[\"a\"]", true).join();
        second.sendText("[\"b\"]", true).join();
        assertEquals("a[\"a\"]", one.next());
        assertEquals("a[\"b\"]", two.next());
        first.abort();
        second.abort();
    }

    @Test
    void webSocket_thatTheServerCloses_isToldTwice() throws Exception {
        Ear ear = new Ear();
        open("/close/000/abc/websocket", ear);
        assertEquals("o", ear.next());
        assertEquals("c[3000,\"Go away!\"]", ear.next());
        assertEquals("3000 Go away!", ear.next());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[\"a", "{}", "[1]", "a"})
    void webSocket_withBrokenFraming_isClosed(String broken) throws Exception {
        Ear ear = new Ear();
        WebSocket socket = open("/echo/000/abc/websocket", ear);
        assertEquals("o", ear.next());
        socket.sendText(broken, true).join();
        assertEquals("c[1002,\"Broken framing.\"]", ear.next());
        assertEquals("1002 Broken framing.", ear.next());
    }

    @Test
    void rawWebSocket_hasNoFrames() throws Exception {
        Ear ear = new Ear();
        WebSocket socket = open("/echo/websocket", ear);
        socket.sendText("Hello world!\uffff", true).join();
        assertEquals("Hello world!\uffff", ear.next());
        socket.abort();
        Ear closing = new Ear();
        open("/close/websocket", closing);
        assertEquals("3000 Go away!", closing.next());
    }

    @Test
    void handshake_asBrowsersSendIt_isAnswered() {
        try (Http http = SERVER.http()) {
            Http.Answer answer = http.begin(
                    "GET",
                    "/sockjs/echo/000/abc/websocket",
                    "Upgrade",
                    "WebSocket",
                    "Connection",
                    "keep-alive, Upgrade",
                    "Sec-WebSocket-Version",
                    "13",
                    "Sec-WebSocket-Key",
                    "x3JJHMbDL1EzLkh9GBhXDw==");
            assertEquals(101, answer.status());
            assertEquals("HSmrc0sMlYUkAGmm5OPpG2HaGWk=", answer.header("Sec-WebSocket-Accept"));
            assertEquals("upgrade", answer.header("Connection").toLowerCase(java.util.Locale.ROOT));
        }
    }

    @Test
    void request_thatIsNoHandshake_isToldWhy() {
        try (Http http = SERVER.http()) {
            Http.Answer answer = http.get("/sockjs/echo/0/0/websocket");
            assertEquals(400, answer.status());
            assertEquals("Can \"Upgrade\" only to \"WebSocket\".", answer.body());
        }
        try (Http http = SERVER.http()) {
            Http.Answer answer = http.get("/sockjs/echo/0/0/websocket", "Upgrade", "WebSocket", "Connection", "close");
            assertEquals(400, answer.status());
            assertEquals("\"Connection\" must be \"Upgrade\".", answer.body());
        }
    }

    @Test
    void webSocket_whereItIsOff_isNotFound() {
        try (Http http = SERVER.http()) {
            String[] upgrade = {"Upgrade", "websocket", "Connection", "Upgrade"};
            assertEquals(
                    404,
                    http.get("/sockjs/disabled_websocket_echo/0/0/websocket", upgrade)
                            .status());
            assertEquals(
                    404,
                    http.get("/sockjs/disabled_websocket_echo/websocket", upgrade)
                            .status());
            assertNotEquals(404, http.get("/sockjs/echo/0/0/websocket").status());
        }
    }

    @Test
    void amplify_aPowerOfTwo_comesAsLetters() throws Exception {
        Ear ear = new Ear();
        WebSocket socket = open("/amplify/000/abc/websocket", ear);
        assertEquals("o", ear.next());
        socket.sendText("[\"3\",\"12\",\"nonsense\"]", true).join();
        assertEquals("a[\"xxxxxxxx\"]", ear.next());
        assertEquals("a[\"" + "x".repeat(4_096) + "\"]", ear.next());
        assertEquals("a[\"xx\"]", ear.next());
        socket.abort();
    }
}
