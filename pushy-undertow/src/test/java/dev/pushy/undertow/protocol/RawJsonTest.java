package dev.pushy.undertow.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RawJsonTest {
    private static Map<String, RawJson> read(String json) {
        return RawJson.object(json.getBytes(StandardCharsets.UTF_8), 4);
    }

    private static String refused(byte[] json) {
        RequestException e = assertThrows(RequestException.class, () -> RawJson.object(json, 4));
        assertEquals(Fault.INVALID_JSON, e.fault());
        return e.getMessage();
    }

    private static String refused(String json) {
        return refused(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void members_ofEveryKind_keepTheirBytes() {
        List<String> values = List.of(
                "1",
                "-1.50e+10",
                "\"\"",
                "\"a\\u0041\\n ü€😀\"",
                "true",
                "false",
                "null",
                "{}",
                "[]",
                "{ \"a\" : [ 1 , { \"b\" : \"}\" } ] }",
                "[\"]\",[[1]]]",
                "12345678901234567890.123456789012345678901234567890");
        for (String value : values) {
            for (String around : List.of("{\"x\":1,\"data\":%s}", "{ \"data\" : %s , \"x\" : 1 }", "{\"data\":%s}")) {
                Map<String, RawJson> members = read(around.formatted(value));
                assertEquals(value, members.get("data").json(), around);
                assertEquals(
                        value.getBytes(StandardCharsets.UTF_8).length,
                        members.get("data").length());
            }
        }
    }

    @Test
    void elements_ofAnArray_keepTheirBytes() {
        List<RawJson> elements =
                read("{\"ü\":[ {\"data\":{\"a\":\"é\"}} ,\"x\", 7]}").get("ü").elements(4);
        assertEquals(3, elements.size());
        assertEquals("{\"a\":\"é\"}", elements.get(0).members(4).get("data").json());
        assertEquals("x", elements.get(1).text());
        assertEquals(7L, elements.get(2).number());
    }

    @Test
    void typedReads_ofOtherKinds_areNull() {
        RawJson number = read("{\"a\":1.5}").get("a");
        assertNull(number.number());
        assertNull(number.text());
        assertNull(number.truth());
        assertNull(number.elements(1));
        assertNull(read("{\"a\":1234567890123456789}").get("a").number());
        assertTrue(read("{\"a\":null}").get("a").isNull());
    }

    @Test
    void malformed_isRefusedWithItsPlace() {
        assertTrue(refused("{\"a\":\n 1,}").contains("line 2"));
        for (String json : List.of(
                "",
                " ",
                "1",
                "[]",
                "null",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":\"x",
                "{\"a\":[1}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":01}",
                "{\"a\":NaN}",
                "{\"a\":tru}",
                "{\"a\":1}x",
                "{\"a\":1}{}",
                "{\"a\":\"\n\"}",
                "{\"a\":[\"\t\"]}",
                "{\"a\":[1,]}",
                "{\"a\":/**/1}",
                "{\"a\":[{\"b\":\"\\x\"}]}")) {
            assertTrue(refused(json).startsWith("the JSON was refused: "), json);
        }
    }

    @Test
    void nesting_beyondTheLimit_isRefusedNamingIt() {
        assertEquals(4, read("{\"a\":[[[[]]]]}").get("a").length() / 2);
        assertTrue(refused("{\"a\":[[[[[]]]]]}").contains("deeper than 4 levels"));
        assertTrue(refused("{\"a\":" + "[".repeat(100_000)).contains("deeper than 4 levels"));
    }

    @Test
    void textThatIsNotUtf8_isRefused() {
        byte[] overlong = {'{', '"', 'a', '"', ':', '"', (byte) 0xC0, (byte) 0xAF, '"', '}'};
        byte[] surrogate = {'{', '"', 'a', '"', ':', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', '}'};
        assertTrue(refused(overlong).contains("UTF-8"));
        assertTrue(refused(surrogate).contains("UTF-8"));
        assertTrue(refused("{\"a\":1}".getBytes(StandardCharsets.UTF_16BE)).contains("UTF-8"));
        assertTrue(refused("{\"a\":1}".getBytes(Charset.forName("UTF-32LE"))).contains("UTF-8"));
        assertTrue(refused("\uFEFF{\"a\":1}").contains("byte order mark"));
    }

    @Test
    void nameThatStandsTwice_isRefused() {
        assertTrue(refused("{\"data\":1,\"data\":2}").contains("\"data\" stands twice"));
    }

    @Test
    void hugeNumber_isRefused() {
        assertTrue(refused("{\"a\":" + "1".repeat(1_001) + "}").contains("1000"));
    }

    @Test
    void toString_neverShowsTheValue() {
        assertEquals(
                "RawJson[VALUE_STRING, 8 bytes]",
                read("{\"a\":\"secret\"}").get("a").toString());
    }
}
