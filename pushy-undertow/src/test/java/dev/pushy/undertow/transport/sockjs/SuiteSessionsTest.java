package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.undertow.transport.TransportSettings;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the suite of SockJS asks of sessions over HTTP requests: polling, sending, cookies, encoding and ends. */
@Timeout(60)
class SuiteSessionsTest {
    private static final String JAVASCRIPT = "application/javascript; charset=UTF-8";
    private static final String TEXT = "text/plain; charset=UTF-8";
    private static final String[] FORM = {"Content-Type", "application/x-www-form-urlencoded"};
    private static final SockJsServer SERVER =
            new SockJsServer(TransportSettings.DEFAULT.withBytes(4 * 1024 * 1024, 1024 * 1024));

    private final Http http = SERVER.http();
    private final Http other = SERVER.http();
    private final String url = session("echo");

    private static String session(String endpoint) {
        return "/sockjs/" + endpoint + "/000/" + UUID.randomUUID();
    }

    @AfterEach
    void hangUp() {
        http.close();
        other.close();
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private void open(String session) {
        Http.Answer answer = http.post(session + "/xhr", "");
        assertEquals(200, answer.status());
        assertEquals("o\n", answer.body());
    }

    private void send(String session, String payload) {
        Http.Answer answer = http.post(session + "/xhr_send", payload);
        assertEquals("", answer.body());
        assertEquals(204, answer.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a/a", "/_/_", "/1/1", "/abcdefgh_i-j%20/abcdefg_i-j%20"})
    void session_withAnyWords_opens(String words) {
        open("/sockjs/echo" + words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"//", "/a./a", "/a/a.", "/./.", "/", "///"})
    void session_withoutGoodWords_isNotFound(String words) {
        assertEquals(404, http.get("/sockjs/echo" + words + "/xhr").status());
        assertEquals(404, http.post("/sockjs/echo" + words + "/xhr", "").status());
    }

    @Test
    void session_ofOneWord_isTheSameWhateverTheServer() {
        String word = UUID.randomUUID().toString();
        open("/sockjs/echo/000/" + word);
        send("/sockjs/echo/111/" + word, "[\"a\"]");
        assertEquals(
                "a[\"a\"]\n", http.post("/sockjs/echo/999/" + word + "/xhr", "").body());
    }

    @Test
    void xhr_fromOpenToEcho_hasTheHeadersAndFrames() {
        Http.Answer opened = http.post(url + "/xhr", "", "Origin", "test");
        assertEquals("o\n", opened.body());
        assertEquals(JAVASCRIPT, opened.header("Content-Type"));
        SuitePagesTest.assertCors(opened, "test");
        SuitePagesTest.assertUncached(opened);
        Http.Answer sent = http.post(url + "/xhr_send", "[\"x\"]", "Origin", "test");
        assertEquals(204, sent.status());
        assertEquals(TEXT, sent.header("Content-Type"));
        SuitePagesTest.assertCors(sent, "test");
        SuitePagesTest.assertUncached(sent);
        Http.Answer polled = http.post(url + "/xhr", "");
        assertEquals(200, polled.status());
        assertEquals("a[\"x\"]\n", polled.body());
        assertEquals("7", polled.header("Content-Length"));
        SuitePagesTest.assertCors(polled, null);
    }

    @Test
    void xhr_whileAnotherWaits_isToldSo() {
        open(url);
        Http waiting = twoPolls();
        send(url, "[\"still there\"]");
        assertEquals("a[\"still there\"]\n", waiting.answer().body());
        waiting.close();
    }

    /** Polls twice at a time; one is refused. Returns the connection of the other one. */
    private Http twoPolls() {
        Http third = SERVER.http();
        third.send("POST", url + "/xhr", "");
        other.send("POST", url + "/xhr", "");
        Http refused = Http.firstAnswered(other, third);
        Http.Answer answer = refused.answer();
        assertEquals("c[2010,\"Another connection still open\"]\n", answer.body());
        assertEquals(200, answer.status());
        if (refused == third) {
            third.close();
        }
        return refused == other ? third : other;
    }

    @Test
    void xhrSend_toNoSession_isNotFound() {
        assertEquals(404, http.post(url + "/xhr_send", "[\"x\"]").status());
        assertEquals(
                404, http.post(url + "/jsonp_send", "d=%5B%22x%22%5D", FORM).status());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[\"x | Broken JSON encoding.",
                "[\"x\"] [] | Broken JSON encoding.",
                "[\"x\",] | Broken JSON encoding.",
                "'' | Payload expected.",
                "{} | Payload expected.",
                "[1] | Payload expected.",
                "[[\"x\"]] | Payload expected.",
                "null | Payload expected."
            })
    void xhrSend_ofNoMessages_isRefusedAndHarmless(String body, String words) {
        open(url);
        Http.Answer answer = http.post(url + "/xhr_send", body);
        assertEquals(500, answer.status());
        assertEquals(words, answer.body());
        send(url, "[\"a\"]");
        assertEquals("a[\"a\"]\n", http.post(url + "/xhr", "").body());
    }

    @Test
    void xhrSend_withAnyContentType_isTaken() {
        open(url);
        String[] types = {
            "text/plain",
            "T",
            "application/json",
            "application/xml",
            "",
            "application/json; charset=utf-8",
            "text/xml; charset=utf-8",
            "text/xml"
        };
        for (String type : types) {
            assertEquals(
                    204,
                    http.post(url + "/xhr_send", "[\"a\"]", "Content-Type", type)
                            .status());
        }
        String all = "a[" + "\"a\",".repeat(types.length - 1) + "\"a\"]\n";
        assertEquals(all, http.post(url + "/xhr", "").body());
    }

    @Test
    void xhrSend_ofAnEmptyArray_isTakenAndNotAnswered() {
        open(url);
        send(url, "[]");
        send(url, "[\"a\"]");
        assertEquals("a[\"a\"]\n", http.post(url + "/xhr", "").body());
    }

    @Test
    void close_byTheServer_isToldAgainAndAgain() {
        String closing = session("close");
        open(closing);
        for (int i = 0; i < 3; i++) {
            Http.Answer answer = http.post(closing + "/xhr", "");
            assertEquals(200, answer.status());
            assertEquals("c[3000,\"Go away!\"]\n", answer.body());
        }
        String scripted = session("close");
        assertEquals("/**/x(\"o\");\r\n", http.get(scripted + "/jsonp?c=x").body());
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    "/**/x(\"c[3000,\\\"Go away!\\\"]\");\r\n",
                    http.get(scripted + "/jsonp?c=x").body());
        }
    }

    @Test
    void jsonp_fromOpenToEcho_callsTheFunction() {
        Http.Answer opened = http.get(url + "/jsonp?c=%63allback");
        assertEquals(200, opened.status());
        assertEquals("/**/callback(\"o\");\r\n", opened.body());
        assertEquals(JAVASCRIPT, opened.header("Content-Type"));
        assertEquals("nosniff", opened.header("X-Content-Type-Options"));
        SuitePagesTest.assertUncached(opened);
        Http.Answer sent = http.post(url + "/jsonp_send", "d=%5B%22x%22%5D", FORM);
        assertEquals("ok", sent.body());
        assertEquals(200, sent.status());
        assertEquals(TEXT, sent.header("Content-Type"));
        SuitePagesTest.assertUncached(sent);
        assertEquals(
                "/**/callback(\"a[\\\"x\\\"]\");\r\n",
                http.get(url + "/jsonp?c=%63allback").body());
    }

    @Test
    void jsonpSend_plainOrForm_isTakenAsItIs() {
        http.get(url + "/jsonp?c=x");
        assertEquals("ok", http.post(url + "/jsonp_send", "d=%5B%5D", FORM).body());
        assertEquals(
                "ok",
                http.post(url + "/jsonp_send", "e=1&d=%5B%22abc+d%22%5D&f", FORM)
                        .body());
        assertEquals(
                "ok",
                http.post(url + "/jsonp_send", "[\"%61bc\"]", "Content-Type", "text/plain")
                        .body());
        assertEquals(
                "/**/x(\"a[\\\"abc d\\\",\\\"%61bc\\\"]\");\r\n",
                http.get(url + "/jsonp?c=x").body());
    }

    @ParameterizedTest
    @CsvSource({
        "d=%5B%22x, Broken JSON encoding.",
        "d=%ZZ, Broken JSON encoding.",
        "'', Payload expected.",
        "d=, Payload expected.",
        "p=p, Payload expected."
    })
    void jsonpSend_ofNoMessages_isRefusedAndHarmless(String body, String words) {
        http.get(url + "/jsonp?c=x");
        Http.Answer answer = http.post(url + "/jsonp_send", body, FORM);
        assertEquals(500, answer.status());
        assertEquals(words, answer.body());
        assertEquals(
                "ok", http.post(url + "/jsonp_send", "d=%5B%22b%22%5D", FORM).body());
        assertEquals(
                "/**/x(\"a[\\\"b\\\"]\");\r\n", http.get(url + "/jsonp?c=x").body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jsonp", "htmlfile"})
    void callback_missingOrDangerous_isRefused(String transport) {
        Http.Answer missing = http.get(url + "/" + transport);
        assertEquals(500, missing.status());
        assertTrue(missing.body().contains("\"callback\" parameter required"), missing.body());
        for (String name : new String[] {"%20", "*", "abc(", "abc%28", "%3Cscript%3E", ""}) {
            Http.Answer refused = http.get(url + "/" + transport + "?c=" + name);
            assertEquals(500, refused.status());
            assertTrue(refused.body().contains("invalid \"callback\" parameter"), refused.body());
        }
    }

    @Test
    void cookie_whereItIsNeeded_isSetOrSentBack() {
        String session = session("cookie_needed_echo");
        assertEquals("JSESSIONID=dummy; path=/", http.post(session + "/xhr", "").header("Set-Cookie"));
        assertEquals(
                "JSESSIONID=abcdef; path=/",
                http.post(session + "/xhr_send", "[]", "Cookie", "a=b; JSESSIONID=abcdef")
                        .header("Set-Cookie"));
        for (String path : new String[] {"/eventsource", "/htmlfile?c=callback", "/jsonp?c=callback"}) {
            try (Http stream = SERVER.http()) {
                assertEquals(
                        "JSESSIONID=dummy; path=/",
                        stream.begin("GET", session("cookie_needed_echo") + path)
                                .header("Set-Cookie"));
            }
        }
        try (Http stream = SERVER.http()) {
            Http.Answer answer = stream.begin("POST", session("cookie_needed_echo") + "/xhr_streaming");
            assertEquals("JSESSIONID=dummy; path=/", answer.header("Set-Cookie"));
        }
        assertNull(http.post(url + "/xhr", "").header("Set-Cookie"));
    }

    @Test
    void encoding_ofWhatBrowsersMangle_isEscaped() {
        Pattern mangled = Pattern.compile("[\\x00-\\x1f\\u200c-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ufff0-\\uffff]");
        StringBuilder plain = new StringBuilder();
        StringBuilder escaped = new StringBuilder();
        for (int i = 255; i < 65_536; i++) {
            if (mangled.matcher(String.valueOf((char) i)).matches()) {
                plain.append((char) i);
                escaped.append(String.format("\\u%04x", i));
            }
        }
        open(url);
        send(url, "[\"" + plain + "\"]");
        assertEquals("a[\"" + escaped + "\"]\n", http.post(url + "/xhr", "").body());
    }

    @Test
    void encoding_ofEveryCharacter_survives() throws Exception {
        StringBuilder escaped = new StringBuilder();
        StringBuilder plain = new StringBuilder("🎈 é \u00ad € </script>");
        for (int i = 0; i < 65_536; i++) {
            if (!Character.isSurrogate((char) i)) {
                escaped.append(String.format("\\u%04x", i));
                plain.append(i < 32 || i == '"' || i == '\\' ? "" : (char) i);
            }
        }
        open(url);
        send(url, "[\"" + escaped + "\",\"" + plain + "\"]");
        String frame = http.post(url + "/xhr", "").body();
        ObjectMapper json = new ObjectMapper();
        String answer = frame.substring(1).strip();
        assertEquals(json.readTree("[\"" + escaped + "\",\"" + plain + "\"]"), json.readTree(answer));
    }

    @Test
    void poll_thatTheClientGaveUp_endsTheSession() {
        open(url);
        twoPolls().close();

        SockJsServer.await(
                "the end of the session",
                () -> http.post(url + "/xhr", "").body().equals("c[1002,\"Connection interrupted\"]\n"));
    }
}
