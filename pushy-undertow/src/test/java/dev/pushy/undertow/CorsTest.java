package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.undertow.NodeServer.Answer;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What browsers are told about pages of other origins. */
class CorsTest {
    private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";
    private static final String SHOP_ORIGIN = "https://shop.example.com";

    private static NodeServer server;

    @BeforeAll
    static void start() {
        server = new NodeServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer history(String origin) {
        return server.get(
                "/history/a", "Origin", origin, "X-Client-ID", NodeServer.ID, "X-Client-Secret", NodeServer.SECRET);
    }

    private static String preflight(String origin) throws IOException {
        return server.raw("OPTIONS /push/publish/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: " + origin
                + "\r\nAccess-Control-Request-Method: POST\r\n\r\n");
    }

    @Test
    void answer_toAPageOfAnAllowedOrigin_saysSo() {
        Answer answer = history(NodeServer.ORIGIN);
        assertEquals(NodeServer.ORIGIN, answer.header(ALLOW_ORIGIN));
        assertEquals("true", answer.header("Access-Control-Allow-Credentials"));
        assertEquals("Origin", answer.header("Vary"));
    }

    @Test
    void answer_toAPageOfAnotherOrigin_saysNothing() {
        assertNull(history("https://evil.example.com").header(ALLOW_ORIGIN));
        assertNull(history("null").header(ALLOW_ORIGIN));
    }

    @Test
    void answer_toAPageOfAnotherAppsOrigin_saysNothing() {
        assertNull(history(SHOP_ORIGIN).header(ALLOW_ORIGIN));
        Answer shop = server.get(
                "/history/a", "Origin", SHOP_ORIGIN, "X-Client-ID", "shop", "X-Client-Secret", NodeServer.SHOP_SECRET);
        assertEquals(SHOP_ORIGIN, shop.header(ALLOW_ORIGIN));
    }

    @Test
    void error_toAPageOfAnAllowedOrigin_canBeRead() {
        Answer refused = server.get("/history/a", "Origin", NodeServer.ORIGIN);
        assertEquals(401, refused.status());
        assertEquals(NodeServer.ORIGIN, refused.header(ALLOW_ORIGIN));
    }

    @Test
    void preflight_ofAnAllowedOrigin_isAnswered() throws IOException {
        String answer = preflight(NodeServer.ORIGIN);
        assertTrue(answer.startsWith("HTTP/1.1 204"), answer);
        assertTrue(answer.contains(ALLOW_ORIGIN + ": " + NodeServer.ORIGIN), answer);
        assertTrue(answer.contains("Access-Control-Allow-Methods: POST"), answer);
        assertTrue(answer.contains("Authorization, Content-Type"), answer);
        assertTrue(answer.contains("Connection: close"), answer);
    }

    @Test
    void preflight_ofAnotherOrigin_allowsNothing() throws IOException {
        String answer = preflight("https://evil.example.com");
        assertTrue(answer.startsWith("HTTP/1.1 204"), answer);
        assertTrue(!answer.contains("Access-Control-Allow"), answer);
    }

    @Test
    void stream_ofAnAllowedOrigin_saysSo() {
        String token = server.token("ann", "news.*");
        try (SseClient stream = server.stream("?token=" + token, "Origin", NodeServer.ORIGIN)) {
            assertEquals(
                    NodeServer.ORIGIN,
                    stream.response.headers().firstValue(ALLOW_ORIGIN).orElseThrow());
        }
    }

    @Test
    void allOrigins_areAllowedWithoutTheirCookies() {
        try (NodeServer open = new NodeServer(node -> node, settings -> settings.allowedOrigins("*"))) {
            String token = open.token("ann", "a");
            Answer answer = open.get("/history/a?token=" + token, "Origin", "https://any.example.com");
            assertEquals("*", answer.header(ALLOW_ORIGIN));
            assertNull(answer.header("Access-Control-Allow-Credentials"));
            assertEquals(
                    401,
                    open.get("/history/a", "Origin", "https://any.example.com", "Cookie", "pushy_token=" + token)
                            .status());
        }
    }
}
