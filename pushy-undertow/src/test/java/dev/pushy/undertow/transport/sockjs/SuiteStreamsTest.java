package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the suite of SockJS asks of responses that stay open: prelude, frames, limit and end. */
@Timeout(60)
class SuiteStreamsTest {
    private static final String PRELUDE = "h".repeat(2_048) + "\n";
    private static final SockJsServer SERVER = new SockJsServer();

    private final Http http = SERVER.http();
    private final Http stream = SERVER.http();
    private final String url = session("echo");

    private static String session(String endpoint) {
        return "/sockjs/" + endpoint + "/000/" + UUID.randomUUID();
    }

    @AfterEach
    void hangUp() {
        http.close();
        stream.close();
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private void send(String payload) {
        assertEquals(204, http.post(url + "/xhr_send", payload).status());
    }

    private static Http.Answer openXhr(Http on, String url) {
        Http.Answer head = on.begin("POST", url + "/xhr_streaming", "Origin", "test");
        assertEquals(200, head.status());
        assertEquals(PRELUDE, on.chunk());
        return head;
    }

    @Test
    void xhrStreaming_fromOpenToEcho_isAFrameALine() {
        Http.Answer head = openXhr(stream, url);
        assertEquals("application/javascript; charset=UTF-8", head.header("Content-Type"));
        SuitePagesTest.assertCors(head, "test");
        SuitePagesTest.assertUncached(head);
        assertEquals("o\n", stream.chunk());
        send("[\"x\"]");
        assertEquals("a[\"x\"]\n", stream.chunk());
        send("[\"y\",\"z\"]");
        assertEquals("a[\"y\",\"z\"]\n", stream.chunk());
    }

    @Test
    void xhrStreaming_beyondItsLimit_endsAndTheConnectionStays() {
        openXhr(stream, url);
        assertEquals("o\n", stream.chunk());
        String message = "\"" + "x".repeat(128) + "\"";
        for (int i = 0; i < 31; i++) {
            send("[" + message + "]");
            assertEquals("a[" + message + "]\n", stream.chunk());
        }
        assertEquals("", stream.chunk());
        send("[\"while away\"]");
        openXhr(stream, url);
        assertEquals("a[\"while away\"]\n", stream.chunk());
    }

    @Test
    void eventSource_fromOpenToLimit_isAnEventAFrame() {
        Http.Answer head = stream.begin("GET", url + "/eventsource");
        assertEquals(200, head.status());
        assertEquals("text/event-stream", head.header("Content-Type"));
        SuitePagesTest.assertUncached(head);
        assertEquals("\r\n", stream.chunk());
        assertEquals("data: o\r\n\r\n", stream.chunk());
        send("[\"x\"]");
        assertEquals("data: a[\"x\"]\r\n\r\n", stream.chunk());
        send("[\"  \\u0000\\n\\r \"]");
        assertEquals("data: a[\"  \\u0000\\n\\r \"]\r\n\r\n", stream.chunk());
        send("[\"50% of %22\"]");
        assertEquals("data: a[\"50%25 of %2522\"]\r\n\r\n", stream.chunk());
        String message = "\"" + "x".repeat(4_096) + "\"";
        send("[" + message + "]");
        assertEquals("data: a[" + message + "]\r\n\r\n", stream.chunk());
        assertEquals("", stream.chunk());
    }

    @Test
    void htmlFile_fromOpenToLimit_isAScriptAFrame() {
        Http.Answer head = stream.begin("GET", url + "/htmlfile?c=%63allback");
        assertEquals(200, head.status());
        assertEquals("text/html; charset=UTF-8", head.header("Content-Type"));
        SuitePagesTest.assertUncached(head);
        String page = String.join(
                "\n",
                "<!doctype html>",
                "<html><head>",
                "  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />",
                "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />",
                "</head><body><h2>Don't panic!</h2>",
                "  <script>",
                "    document.domain = document.domain;",
                "    var c = parent.callback;",
                "    c.start();",
                "    function p(d) {c.message(d);};",
                "    window.onload = function() {c.stop();};",
                "  </script>");
        String prelude = stream.chunk();
        assertEquals(page, prelude.strip());
        assertTrue(prelude.length() > 1_024 && prelude.endsWith("\r\n\r\n"));
        assertEquals("<script>\np(\"o\");\n</script>\r\n", stream.chunk());
        send("[\"x\"]");
        assertEquals("<script>\np(\"a[\\\"x\\\"]\");\n</script>\r\n", stream.chunk());
        send("[\"</script>\\\\\"]");
        assertEquals("<script>\np(\"a[\\\"\\u003c/script>\\\\\\\\\\\"]\");\n</script>\r\n", stream.chunk());
        String message = "x".repeat(4_096);
        send("[\"" + message + "\"]");
        assertEquals("<script>\np(\"a[\\\"" + message + "\\\"]\");\n</script>\r\n", stream.chunk());
        assertEquals("", stream.chunk());
    }

    @Test
    void stream_thatTheServerCloses_isToldAndEnds() {
        String closing = session("close");
        for (int i = 0; i < 2; i++) {
            openXhr(stream, closing);
            if (i == 0) {
                assertEquals("o\n", stream.chunk());
            }
            assertEquals("c[3000,\"Go away!\"]\n", stream.chunk());
            assertEquals("", stream.chunk());
        }
    }

    @Test
    void stream_whileAnotherIsOpen_isToldSoAndEnds() {
        openXhr(stream, url);
        assertEquals("o\n", stream.chunk());
        openXhr(http, url);
        assertEquals("c[2010,\"Another connection still open\"]\n", http.chunk());
        assertEquals("", http.chunk());
        send("[\"still there\"]");
        assertEquals("a[\"still there\"]\n", stream.chunk());
    }

    @Test
    void stream_thatTheClientGaveUp_endsTheSession() {
        openXhr(stream, url);
        assertEquals("o\n", stream.chunk());
        stream.close();
        SockJsServer.await(
                "the end of the session",
                () -> http.post(url + "/xhr", "").body().equals("c[1002,\"Connection interrupted\"]\n"));
        assertEquals(404, http.post(url + "/xhr_send", "[\"x\"]").status());
    }

    @Test
    void stream_overHttp10_isNotChunkedAndEndsWithTheConnection() throws Exception {
        String closing = session("close");
        stream.sendRaw(("POST " + closing + "/xhr_streaming HTTP/1.0\r\nHost: localhost\r\n"
                        + "Connection: Keep-Alive\r\nContent-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        Http.Answer answer = stream.answer();
        assertEquals(200, answer.status());
        assertNull(answer.header("Transfer-Encoding"));
        assertNull(answer.header("Content-Length"));
        assertEquals(PRELUDE + "o\nc[3000,\"Go away!\"]\n", answer.body());
        assertTrue(stream.isAtEnd());
    }

    @Test
    void greeting_overHttp10_hasALengthAndKeepsTheConnection() throws Exception {
        byte[] request = "GET /sockjs/echo HTTP/1.0\r\nHost: localhost\r\nConnection: Keep-Alive\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 2; i++) {
            http.sendRaw(request);
            Http.Answer answer = http.answer();
            assertEquals("19", answer.header("Content-Length"));
            assertNull(answer.header("Transfer-Encoding"));
            assertEquals("Welcome to SockJS!\n", answer.body());
        }
    }
}
