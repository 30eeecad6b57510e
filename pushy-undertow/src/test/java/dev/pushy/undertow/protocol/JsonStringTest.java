package dev.pushy.undertow.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonStringTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static String of(String text) {
        return new String(JsonString.of(text), StandardCharsets.UTF_8);
    }

    @Test
    void string_ofEveryCharacter_isReadBackTheSame() throws JsonProcessingException {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c < 0xD800; c++) {
            all.append((char) c);
        }
        all.appendCodePoint(0x1F600).append('\uFFFF');
        assertEquals(all.toString(), MAPPER.readTree(of(all.toString())).textValue());
        assertEquals("\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\u007f\"", of("\u0000\b\t\n\f\r\u001f\"\\/\u007f"));
    }

    @ParameterizedTest
    @CsvSource({
        "a\ud800, a\\ud800",
        "\udc00b, \\udc00b",
        "\ud83d\ud83d\ude00, \\ud83d\ud83d\ude00",
        "x\ude00\ud83dy, x\\ude00\\ud83dy"
    })
    void halfACharacter_isEscaped(String text, String inner) throws JsonProcessingException {
        assertFalse(JsonString.isText(text));
        assertEquals('"' + inner + '"', of(text));
        assertEquals(text, MAPPER.readTree(of(text)).textValue());
    }

    @Test
    void wholeCharacters_areText() {
        assertTrue(JsonString.isText("a ü ☃ \ud83d\ude00"));
        assertTrue(JsonString.isText(""));
        assertEquals("\"\"", of(""));
    }
}
