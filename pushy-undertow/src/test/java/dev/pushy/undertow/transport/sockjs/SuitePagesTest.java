package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the suite of SockJS asks of pages that belong to no session, and of the questions of browsers. */
@Timeout(60)
class SuitePagesTest {
    static final String UNCACHED = "no-store, no-cache, no-transform, must-revalidate, max-age=0";
    private static final String ECHO = "/sockjs/echo";
    private static final SockJsServer SERVER = new SockJsServer();

    private final Http http = SERVER.http();

    @AfterEach
    void hangUp() {
        http.close();
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/"})
    void greeting_withOrWithoutSlash_isWelcome(String suffix) {
        Http.Answer answer = http.get(ECHO + suffix);
        assertEquals(200, answer.status());
        assertEquals("text/plain; charset=UTF-8", answer.header("Content-Type"));
        assertEquals("Welcome to SockJS!\n", answer.body());
        assertNull(answer.header("Set-Cookie"));
        assertEquals(200, http.get(ECHO).status(), "the connection was not kept");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a",
                "/a.html",
                "//",
                "///",
                "/a/a",
                "/a/a/",
                "/a/",
                "/iframe.htm",
                "/iframe",
                "/IFRAME.HTML",
                "/IFRAME",
                "/iframe.HTML",
                "/iframe.xml",
                "/iframe-/.html",
                "/0/0/websockets",
                "/0/0/xhr/more",
                "/info/x"
            })
    void path_thatMeansNothing_isNotFound(String suffix) {
        assertEquals(404, http.get(ECHO + suffix).status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/iframe.html",
                "/iframe-a.html",
                "/iframe-.html",
                "/iframe-0.1.2.html",
                "/iframe-0.1.2abc-dirty.2144.html",
                "/iframe-a.html?t=1234",
                "/iframe-0.1.2abc-dirty.2144.html?t=qweqweq123"
            })
    void iframe_inAnyVersion_isThePage(String suffix) {
        Http.Answer answer = http.get(ECHO + suffix);
        assertEquals(200, answer.status());
        assertEquals("text/html; charset=UTF-8", answer.header("Content-Type"));
        assertCached(answer);
        assertNull(answer.header("Last-Modified"));
        assertNull(answer.header("Set-Cookie"));
        String page = String.join(
                "\n",
                "<!DOCTYPE html>",
                "<html>",
                "<head>",
                "  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />",
                "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />",
                "  <script src=\"" + SockJsOptions.STANDARD.clientScript().url() + "\"></script>",
                "  <script>",
                "    document.domain = document.domain;",
                "    SockJS.bootstrap_iframe();",
                "  </script>",
                "</head>",
                "<body>",
                "  <h2>Don't panic!</h2>",
                "  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>",
                "</body>",
                "</html>");
        assertEquals(page, answer.body());
    }

    @Test
    void iframe_thatTheBrowserHas_isNotSentAgain() {
        String tag = http.get(ECHO + "/iframe.html").header("ETag");
        assertEquals(tag, http.get(ECHO + "/iframe.html").header("ETag"));
        assertTrue(tag.matches("\"[0-9a-f]{32}\""), tag);
        Http.Answer again = http.get(ECHO + "/iframe.html", "If-None-Match", tag);
        assertEquals(304, again.status());
        assertNull(again.header("Content-Type"));
        assertEquals("", again.body());
        assertEquals(
                200,
                http.get(ECHO + "/iframe.html", "If-None-Match", "\"other\"").status());
    }

    @Test
    void info_ofStandardEndpoint_tellsWhatItOffers() throws Exception {
        Http.Answer answer = http.get(ECHO + "/info", "Origin", "http://one.example");
        assertEquals(200, answer.status());
        assertEquals("application/json; charset=UTF-8", answer.header("Content-Type"));
        assertNull(answer.header("Set-Cookie"));
        assertUncached(answer);
        assertCors(answer, "http://one.example");
        JsonNode info = new ObjectMapper().readTree(answer.body());
        assertTrue(info.get("websocket").booleanValue());
        assertFalse(info.get("cookie_needed").booleanValue());
        assertEquals("[\"*:*\"]", info.get("origins").toString());
        assertTrue(info.get("entropy").isIntegralNumber());
        assertTrue(info.get("entropy").longValue() >= 0 && info.get("entropy").longValue() < 1L << 32);
        assertEquals(25_000, info.get("server_heartbeat_interval").intValue());
        JsonNode other = new ObjectMapper().readTree(http.get(ECHO + "/info").body());
        assertNotEquals(info.get("entropy"), other.get("entropy"));
    }

    @ParameterizedTest
    @CsvSource({"disabled_websocket_echo, websocket, false", "cookie_needed_echo, cookie_needed, true"})
    void info_ofOtherEndpoints_tellsTheDifference(String endpoint, String member, boolean value) throws Exception {
        Http.Answer answer = http.get("/sockjs/" + endpoint + "/info");
        assertEquals(
                value, new ObjectMapper().readTree(answer.body()).get(member).booleanValue());
        assertNull(answer.header("Set-Cookie"));
    }

    @ParameterizedTest
    @CsvSource({
        "/info, GET",
        "/abc/abc/xhr, POST",
        "/abc/abc/xhr_send, POST",
        "/abc/abc/xhr_streaming, POST",
        "/abc/abc/eventsource, GET"
    })
    void options_ofWhatPagesOfOtherOriginsUse_mayBeKeptForLong(String suffix, String method) {
        for (String origin : new String[] {null, "test", "null"}) {
            Http.Answer answer = origin == null
                    ? http.options(ECHO + suffix)
                    : http.options(ECHO + suffix, "Origin", origin, "Access-Control-Request-Method", method);
            assertEquals(204, answer.status());
            assertCached(answer);
            assertTrue(Long.parseLong(answer.header("Access-Control-Max-Age")) > 1_000_000);
            assertEquals("OPTIONS, " + method, answer.header("Access-Control-Allow-Methods"));
            assertEquals("", answer.body());
            assertCors(answer, origin);
        }
    }

    @Test
    void options_withHeadersToSend_allowsThem() {
        String path = ECHO + "/000/abc/xhr";
        String[] ask = {"Origin", "test", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers"};
        Http.Answer answer = http.options(path, ask[0], ask[1], ask[2], ask[3], ask[4], "a, b, c");
        assertEquals("a, b, c", answer.header("Access-Control-Allow-Headers"));
        assertNull(
                http.options(path, ask[0], ask[1], ask[2], ask[3], ask[4], "").header("Access-Control-Allow-Headers"));
        assertNull(http.options(path, "Origin", "test").header("Access-Control-Allow-Headers"));
    }

    @Test
    void origin_thatIsNotAllowed_mayNotRead() {
        SERVER.mount(
                "/picky",
                SockJsOptions.STANDARD.withOrigins(
                        (request, origin) -> request.path().equals("/picky") && origin.equals("https://good.example")),
                ScriptedProtocol.echo());
        assertCors(http.get("/picky/info", "Origin", "https://good.example"), "https://good.example");
        Http.Answer refused = http.get("/picky/info", "Origin", "https://bad.example");
        assertNull(refused.header("Access-Control-Allow-Origin"));
        assertNull(refused.header("Access-Control-Allow-Credentials"));
        assertEquals("Origin", refused.header("Vary"));
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /info",
        "POST, /iframe.html",
        "POST, ''",
        "GET, /0/0/xhr",
        "GET, /0/0/xhr_send",
        "POST, /0/0/eventsource",
        "OPTIONS, /0/0/jsonp",
        "POST, /0/0/websocket",
        "POST, /websocket"
    })
    void method_thatAPathDoesNotTake_isRefusedWithThoseItDoes(String method, String suffix) {
        Http.Answer answer = http.ask(method, ECHO + suffix, "");
        assertEquals(405, answer.status());
        assertNull(answer.header("Content-Type"));
        assertTrue(answer.header("Allow").matches("(OPTIONS, )?(GET|POST)"), answer.header("Allow"));
        assertEquals("", answer.body());
    }

    static void assertCors(Http.Answer answer, String origin) {
        if (origin == null) {
            assertEquals("*", answer.header("Access-Control-Allow-Origin"));
            assertNull(answer.header("Access-Control-Allow-Credentials"));
        } else {
            assertEquals(origin, answer.header("Access-Control-Allow-Origin"));
            assertEquals("true", answer.header("Access-Control-Allow-Credentials"));
        }
        assertEquals("Origin", answer.header("Vary"));
    }

    static void assertUncached(Http.Answer answer) {
        assertEquals(UNCACHED, answer.header("Cache-Control"));
        assertNull(answer.header("Expires"));
        assertNull(answer.header("Last-Modified"));
    }

    private static void assertCached(Http.Answer answer) {
        assertEquals("public, max-age=31536000", answer.header("Cache-Control"));
        assertTrue(answer.header("Expires").endsWith(" GMT"), answer.header("Expires"));
    }
}
