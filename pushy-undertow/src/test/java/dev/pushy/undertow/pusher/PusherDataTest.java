package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.Channel;
import dev.pushy.core.Publication;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PusherDataTest {
    private static final Channel ROOM = Channel.of("room");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static Publication of(String data) {
        return PusherData.publication(ROOM, "e", data, 64);
    }

    private static String json(Publication publication) {
        return new String(publication.data(), StandardCharsets.UTF_8);
    }

    /** What a client of Pusher reads from the frame. */
    private static String read(Publication publication) throws JsonProcessingException {
        String frame = new String(
                new PusherFormat(ClientLibrary.OTHER).publication(publication, null, null), StandardCharsets.UTF_8);
        return MAPPER.readTree(frame).get("data").textValue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1}",
                "[]",
                "5",
                "-1.5e3",
                "true",
                "null",
                "\"text\"",
                " { \"a\" :\n[1,\t2]\r\n} ",
                "\"\\u00e9\\\\\"",
            })
    void data_thatIsJson_isPublishedUntouched(String data) throws JsonProcessingException {
        Publication made = of(data);
        assertFalse(made.isText());
        assertEquals(data, json(made));
        assertEquals(data, read(made));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "plain",
                "{\"a\":1",
                "{\"a\":1}x",
                "{a:1}",
                "5 6",
                "nul",
                "NaN",
                "01",
                "'x'",
                "tab\tquote\"back\\",
                "\u0000\u0001\u001f\u007f",
                "\ufeff5",
                "ü ☃ \ud83d\ude00",
                "\u2028</script>",
            })
    void data_thatIsNoJson_isPublishedAsTextAndComesBackTheSame(String data) throws JsonProcessingException {
        Publication made = of(data);
        assertTrue(made.isText());
        assertEquals(data, MAPPER.readTree(json(made)).textValue());
        assertEquals(data, read(made));
    }

    @Test
    void data_nestedDeeperThanAllowed_isText() throws JsonProcessingException {
        String deep = "[".repeat(65) + "]".repeat(65);
        assertTrue(of(deep).isText());
        assertEquals(deep, read(of(deep)));
        assertFalse(of("[".repeat(64) + "]".repeat(64)).isText());
    }

    @Test
    void data_withHalfACharacter_isWrittenAllTheSame() throws JsonProcessingException {
        assertEquals("a\ud800b", read(of("a\ud800b")));
        assertEquals("\"\udc00\"\ud800", read(of("\"\udc00\"\ud800")));
        assertTrue(of("\"\udc00\"").isText());
    }

    @Test
    void nativeData_isItsJsonTextForPusher() throws JsonProcessingException {
        assertEquals("{\"a\": \"x\"}", read(Publication.of(ROOM, "{\"a\": \"x\"}")));
        assertEquals("\"x\"", read(Publication.of(ROOM, "\"x\"")));
    }
}
