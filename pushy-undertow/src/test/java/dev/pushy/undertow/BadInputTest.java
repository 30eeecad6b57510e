package dev.pushy.undertow;

import static dev.pushy.undertow.PublishTest.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.undertow.NodeServer.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What no well-behaved client sends, on raw sockets. After each, others are still served. */
class BadInputTest {
    private static final String CREDENTIALS =
            "X-Client-ID: " + NodeServer.ID + "\r\nX-Client-Secret: " + NodeServer.SECRET + "\r\n";

    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void others_areStillServed() {
        assertTrue(server.publish("still.there", "1").startsWith("a"));
    }

    private static String post(String target, String headers, String body) throws IOException {
        return server.raw("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers
                + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private static String publish(String target, String body) throws IOException {
        return post(target, CREDENTIALS + "Content-Type: application/json\r\n", body);
    }

    private static void assertStatus(int status, String response) {
        assertTrue(response.startsWith("HTTP/1.1 " + status + " "), response);
    }

    private static void assertCode(int status, String code, String response) {
        assertStatus(status, response);
        assertTrue(response.contains("\"code\":\"" + code + "\""), response);
    }

    @Test
    void channel_withASemicolon_isNotCut() throws IOException {
        String response = publish("/push/publish/orders;eu", "{\"data\":1}");
        assertStatus(200, response);
        assertTrue(response.contains("\"channel\":\"orders;eu\""), response);
        assertTrue(publish("/push/publish/orders%3Beu", "{\"data\":1}").contains("\"channel\":\"orders;eu\""));
        assertEquals(
                2,
                server.get("/history/orders;eu", NodeServer.publisher())
                        .json()
                        .get("messages")
                        .size());
        assertEquals(
                0,
                server.get("/history/orders", NodeServer.publisher())
                        .json()
                        .get("messages")
                        .size());
    }

    @Test
    void semicolonInTheQuery_isPartOfTheValue() throws IOException {
        String response = server.raw("GET /push/channels?prefix=a;b&x=%3B HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + CREDENTIALS + "\r\n");
        assertStatus(200, response);
    }

    @Test
    void path_inAbsoluteForm_isUnderstood() throws IOException {
        String response = publish("http://localhost/push/publish/abs;x", "{\"data\":1}");
        assertStatus(200, response);
        assertTrue(response.contains("\"channel\":\"abs;x\""), response);
    }

    @Test
    void path_percentEncoded_isDecodedOnce() throws IOException {
        assertTrue(publish("/push/publish/%61%2E%62", "{\"data\":1}").contains("\"channel\":\"a.b\""));
        assertCode(400, "invalid_channel", publish("/push/publish/%2561", "{\"data\":1}"));
        assertCode(400, "invalid_channel", publish("/push/publish/%C3%BC", "{\"data\":1}"));
        assertCode(400, "invalid_channel", publish("/push/publish/a%00", "{\"data\":1}"));
        assertCode(400, "invalid_request", publish("/push/publish/%FF", "{\"data\":1}"));
        assertCode(400, "invalid_request", publish("/push/publish/%C0%AF", "{\"data\":1}"));
        for (String target : List.of("/push/publish/%zz", "/push/publish/%4")) {
            assertStatus(400, publish(target, "{\"data\":1}"));
        }
    }

    @Test
    void path_withDotSegments_reachesNothingElse() throws IOException {
        assertFalse(publish("/push/x/../publish/a", "{\"data\":1}").startsWith("HTTP/1.1 200"));
        assertFalse(publish("/push/publish/../publish/a", "{\"data\":1}").startsWith("HTTP/1.1 200"));
    }

    @Test
    void query_withASingleValueTwice_isRefused() {
        String token = server.token("ann", "a");
        assertProblem(400, "invalid_request", server.get("/history/a?token=" + token + "&token=" + token));
        assertProblem(400, "invalid_request", server.get("/history/a?limit=1&limit=2", NodeServer.publisher()));
    }

    @Test
    void query_withAWrongValue_isRefused() {
        for (String query : List.of("limit=x", "limit=0", "limit=1001", "limit=-1", "limit=", "reverse=maybe")) {
            assertProblem(400, "invalid_request", server.get("/history/a?" + query, NodeServer.publisher()));
        }
        assertProblem(400, "invalid_request", server.get("/history/a?since=%FF", NodeServer.publisher()));
    }

    @Test
    void head_ofTenMegabytes_isRefused() throws IOException {
        String big = "X-Big: " + "x".repeat(10 << 20);
        String response = server.raw("GET /push/channels HTTP/1.1\r\nHost: x\r\n" + CREDENTIALS + big + "\r\n\r\n");
        assertFalse(response.contains(" 200 "), response);
    }

    @Test
    void body_thatIsTooLarge_isRefusedBeforeItIsRead() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("POST /push/publish/a HTTP/1.1\r\nHost: x\r\n" + CREDENTIALS
                                    + "Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String head = read(socket.getInputStream(), "too_large");
            assertStatus(413, head);
            assertTrue(head.contains("1000000000") && head.contains("Connection: close"), head);
            // The rest never comes; the connection does not wait for it.
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    private static String read(InputStream in, String until) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[4_096];
        while (!out.toString(StandardCharsets.UTF_8).contains(until)) {
            int read = in.read(buffer);
            if (read < 0) {
                break;
            }
            out.write(buffer, 0, read);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void chunkedBody_thatIsTooLarge_isRefused() throws IOException {
        StringBuilder request = new StringBuilder("POST /push/publish/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + CREDENTIALS + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 100; i++) {
            request.append("1000\r\n").append("x".repeat(4_096)).append("\r\n");
        }
        assertCode(413, "too_large", server.raw(request.append("0\r\n\r\n").toString()));
    }

    @Test
    void chunkedBody_isRead() throws IOException {
        String response = server.raw("POST /push/publish/chunked HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + CREDENTIALS + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "4\r\n{\"da\r\n7\r\nta\":[1]\r\n1\r\n}\r\n0\r\n\r\n");
        assertStatus(200, response);
    }

    @Test
    void body_ofAClientThatExpectsToBeAsked_isAskedFor() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("POST /push/publish/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
                                    + CREDENTIALS + "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertStatus(100, read(socket.getInputStream(), "\r\n\r\n"));
            socket.getOutputStream().write("{\"data\":1}".getBytes(StandardCharsets.US_ASCII));
            assertStatus(200, new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void body_thatDoesNotCome_endsWithATimeout() throws IOException {
        try (NodeServer hasty =
                new NodeServer(node -> node, settings -> settings.bodyTimeout(Duration.ofMillis(700)))) {
            String response = hasty.raw("POST /push/publish/a HTTP/1.1\r\nHost: x\r\n" + CREDENTIALS
                    + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"data\"");
            assertCode(408, "timeout", response);
        }
    }

    @Test
    void body_thatIsNotUtf8_isRefused() throws IOException {
        String response = publish("/push/publish/a", "{\"data\":\"\u00ff\"}");
        assertCode(400, "invalid_json", response);
        assertTrue(response.contains("UTF-8"), response);
    }

    @Test
    void body_ofAnotherType_isUnsupported() throws IOException {
        for (String type : List.of(
                "",
                "Content-Type: text/plain\r\n",
                "Content-Type: application/x-www-form-urlencoded\r\n",
                "Content-Type: application/json; charset=latin1\r\n",
                "Content-Type: application/json\r\nContent-Encoding: gzip\r\n")) {
            assertCode(415, "unsupported_media_type", post("/push/publish/a", CREDENTIALS + type, "{\"data\":1}"));
        }
        assertStatus(
                200,
                post(
                        "/push/publish/a",
                        CREDENTIALS + "Content-Type: Application/JSON; charset=\"UTF-8\"\r\n",
                        "{\"data\":1}"));
    }

    @Test
    void method_thatThePathDoesNotTake_isNamedWithThoseThatItDoes() {
        for (String[] each : new String[][] {
            {"GET", "/token", "POST, OPTIONS"},
            {"DELETE", "/publish/a", "POST, OPTIONS"},
            {"POST", "/channels", "GET, HEAD, OPTIONS"},
            {"PUT", "/channels/stream", "GET, OPTIONS"},
            {"GET", "/channels/stream/1.2", "POST, OPTIONS"}
        }) {
            Answer answer = server.send(HttpRequest.newBuilder(URI.create(server.url(each[1])))
                    .method(each[0], HttpRequest.BodyPublishers.noBody()));
            assertProblem(405, "method_not_allowed", answer);
            assertEquals(each[2], answer.header("Allow"));
        }
    }

    @Test
    void path_thatIsNotThere_isNotFound() {
        for (String path :
                List.of("", "/", "/nothing", "/publish/a/b", "/token/", "/channels/stream/1.2/x", "//token")) {
            assertEquals(404, server.get(path).status(), path);
        }
        assertProblem(404, "not_found", server.get("/nothing"));
    }

    @Test
    void secret_givenTwice_isRefused() throws IOException {
        String twice = CREDENTIALS + "X-Client-Secret: other\r\nContent-Type: application/json\r\n";
        assertCode(401, "unauthorized", post("/push/publish/a", twice, "{\"data\":1}"));
    }

    @Test
    void cookiesOfOthers_areNoReasonToRefuse() throws IOException {
        String token = server.token("ann", "a");
        String cookies = "x=\"; =; ;;" + "c=1; ".repeat(400);
        String response = server.raw("GET /push/history/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Origin: http://localhost\r\nCookie: " + cookies + "pushy_token=" + token + "\r\n\r\n");
        assertStatus(200, response);
    }

    @Test
    void rubbish_isNotServed() throws IOException {
        for (String bytes :
                List.of("\u0000\u0001\u0002\r\n\r\n", "GET\r\n\r\n", "\u0016\u0003\u0001\u0002\u0000\r\n\r\n")) {
            assertFalse(server.raw(bytes).contains(" 200 "));
        }
    }
}
