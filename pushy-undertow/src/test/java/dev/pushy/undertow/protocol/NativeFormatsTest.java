package dev.pushy.undertow.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NativeFormatsTest {
    private static final Channel NEWS = Channel.of("news.sports");
    private static final long TIME = 1767225600123L;
    private static final Position PLACE = new Position(0, 77, 5, 9);
    private static final Cursor HERE = cursor(PLACE);
    private static final Cursor ELSEWHERE = cursor(new Position(0, 77, 6, 1));
    private static final Member ANN = new Member("ann \"the\" 1st", "{\"name\":\"Ann\"}", 0);

    private static Cursor cursor(Position position) {
        return Cursor.parse(position.id(1), 1).orElseThrow();
    }

    private static Publication message(String event, String json) {
        return Publication.of(NEWS, event, json.getBytes(StandardCharsets.UTF_8))
                .accepted(PLACE, 1, TIME);
    }

    private static Map<String, byte[]> all(WireFormat format) {
        Publication plain = message("message", "{\"title\":\"Breaking News\"}");
        Map<String, byte[]> texts = new LinkedHashMap<>();
        texts.put("message", format.publication(plain, HERE, null));
        texts.put("message whose cursor differs", format.publication(plain, ELSEWHERE, null));
        texts.put("message without a cursor", format.publication(plain, null, null));
        texts.put("message in the replay of an added subscription", format.publication(plain, HERE, ELSEWHERE));
        texts.put("event", format.publication(message("score", "[1,null,\"ü\"]"), HERE, null));
        texts.put("event named error", format.publication(message("error", "1"), HERE, null));
        texts.put("event named open", format.publication(message("open", "1"), HERE, null));
        texts.put("event with quotes", format.publication(message("say \"\\ü\"", "true"), HERE, null));
        texts.put("data on several lines", format.publication(message("message", "{\r\n  \"a\": 1\n}"), HERE, null));
        texts.put("join", format.join(new Join(NEWS, ANN, true)));
        texts.put("leave", format.leave(new Leave(NEWS, new Member("bob", "null", 0), true)));
        texts.put("gap", format.gap(new Gap(List.of("news.sports", "news.*"), Gap.Reason.EXPIRED)));
        texts.put("checkpoint", format.checkpoint(HERE));
        texts.put("heartbeat", format.heartbeat(HERE));
        texts.put("heartbeat without a cursor", format.heartbeat(null));
        return texts;
    }

    private static void assertGolden(String file, WireFormat format) {
        Map<String, String> expected = Golden.read(file);
        Map<String, byte[]> made = all(format);
        assertEquals(expected.keySet(), made.keySet());
        expected.forEach((name, text) -> assertEquals(text, text(made.get(name)).stripTrailing(), name));
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "(nothing)" : new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void sseBlocks_allEndWithAnEmptyLine() {
        all(new SseFormat()).forEach((name, block) -> {
            assertTrue(text(block).endsWith("\n\n"), name);
            assertEquals(text(block).length() - 2, text(block).indexOf("\n\n"), name);
        });
    }

    @Test
    void jsonTexts_ofEveryEvent_areAsAgreed() {
        assertGolden("native-websocket.txt", new JsonFormat());
    }

    @Test
    void sseBlocks_ofEveryEvent_areAsAgreed() {
        assertGolden("native-sse.txt", new SseFormat());
    }

    @Test
    void presence_thatIsNotSettled_isNotShown() {
        for (WireFormat format : List.of(new JsonFormat(), new SseFormat(), new PollFormat())) {
            assertNull(format.join(new Join(NEWS, ANN, false)));
            assertNull(format.leave(new Leave(NEWS, ANN, false)));
        }
    }

    @Test
    void eventsOfThePusherProtocol_areNotShown() {
        Publication internal = message("pusher_internal:subscription_count", "{}");
        for (WireFormat format : List.of(new JsonFormat(), new SseFormat(), new PollFormat())) {
            assertNull(format.publication(internal, HERE, null));
        }
    }

    @Test
    void eventName_withLineBreaks_cannotEndItsLine() {
        String block = text(new SseFormat().publication(message("a\nid: b\r\u0000", "1"), null, null));
        assertEquals(2, block.lines().filter(line -> !line.isEmpty()).count(), block);
        assertEquals("event: a id: b  ", block.lines().findFirst().orElseThrow());
    }

    @Test
    void eventName_withHalfACharacter_isWrittenAllTheSame() {
        Publication odd = message("a\uD800b", "1");
        assertTrue(text(new JsonFormat().publication(odd, null, null)).contains("\"event\":\"a?b\""));
        assertTrue(text(new SseFormat().publication(odd, null, null)).startsWith("event: a?b\n"));
    }

    @Test
    void meta_onSeveralLines_staysOneBlock() {
        Member member = new Member("ann", "{\r\n\"a\":\n1}", 2);
        String block = text(new SseFormat().join(new Join(NEWS, member, true)));
        assertEquals(2, block.lines().filter(line -> !line.isEmpty()).count(), block);
        assertTrue(block.contains("\"connections\":2"), block);
    }

    @Test
    void liveOnlyMessage_hasAnIdThatIsNoCursor() {
        Publication live = Publication.of(NEWS, "1").acceptedLive(TIME);
        String block = text(new SseFormat().publication(live, HERE, null));
        String json = text(new JsonFormat().publication(live, HERE, null));
        assertEquals("id: " + HERE, block.lines().findFirst().orElseThrow());
        assertTrue(json.contains("\"cursor\":\"" + HERE + "\""), json);
    }
}
