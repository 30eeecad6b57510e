package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.Position;
import dev.pushy.core.PresenceStore;
import dev.pushy.core.Publication;
import dev.pushy.core.Revocation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bytes that nodes of different versions exchange and that stand in Redis. What is pinned here stays readable for ever;
 * a form that changes gets another letter.
 */
class WireTest {

    /** Bytes, each as the character of its number. */
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void body_plain() {
        Publication publication = Publication.of(Channel.of("news.a"), "{\"a\":1}");
        assertEquals("\0\7default\6news.a\7message{\"a\":1}", text(Wire.body(publication)));
    }

    @Test
    void body_withEverything() {
        Publication publication = Publication.of(Channel.of("shop", "news"), "h\u00e9", bytes("{\0}"))
                .asText()
                .from("ann")
                .except("1.2");
        assertEquals("\7\4shop\4news\3h\u00c3\u00a9\3ann\0031.2{\0}", text(Wire.body(publication)));
    }

    @Test
    void body_longText_hasItsLengthInTwoBytes() {
        String event = "e".repeat(200);
        Publication publication = Publication.of(Channel.of("a"), event, bytes("1"));
        assertEquals("\0\7default\1a\u00c8\1" + event + "1", text(Wire.body(publication)));
        Wire.Message read = Wire.message(bytes("mid 5 \0\7default\1a\u00c8\1" + event + "1"), 0, 1);
        assertEquals(event, read.publication().event());
    }

    @Test
    void message_ofTheLog() {
        Wire.Message message = Wire.message(
                bytes("M12 345 678 1700000000000 1700000300000 11-99 \7\4shop\4news\1e\3ann\0031.2{}"), 3, 4);
        Publication publication = message.publication();
        assertEquals(new Position(3, 678, 12, 345), publication.position());
        assertEquals(new Position(3, 678, 12, 345).id(4), publication.id());
        assertEquals(new Position(3, 678, 11, 99), message.previous());
        assertEquals(1_700_000_000_000L, publication.time());
        assertEquals(Channel.of("shop", "news"), publication.channel());
        assertEquals("e", publication.event());
        assertEquals("ann", publication.sender());
        assertEquals("1.2", publication.excepted());
        assertTrue(publication.isText());
        assertArrayEquals(bytes("{}"), publication.data());
    }

    @Test
    void message_firstOfItsChannel() {
        Wire.Message message = Wire.message(bytes("M1 2 3 4 5 - \0\7default\1a\7message1"), 0, 1);
        assertNull(message.previous());
        assertNull(message.publication().sender());
        assertNull(message.publication().excepted());
        assertFalse(message.publication().isText());
    }

    @Test
    void message_withoutAPlace() {
        Wire.Message message = Wire.message(bytes("mL-abc_9 1700000000000 \0\7default\1a\7message\"x\""), 0, 1);
        assertEquals("L-abc_9", message.publication().id());
        assertEquals(Position.NONE, message.publication().position());
        assertEquals(1_700_000_000_000L, message.publication().time());
        assertNull(message.previous());
    }

    @Test
    void entry_ofTheLog() {
        Wire.Entry entry = Wire.entry(bytes("12-345"), bytes("678 4 5 11-99 \0\7default\1a\7message1"), 0, 1);
        assertEquals(new Position(0, 678, 12, 345), entry.publication().position());
        assertEquals(new Position(0, 678, 11, 99), entry.previous());
        assertEquals(5, entry.expires());
    }

    @Test
    void marker() {
        Wire.Marker marker = Wire.marker(bytes("K77 678 12 345"), 2);
        assertEquals(77, marker.id());
        assertEquals(new Position(2, 678, 12, 345), marker.end());
    }

    @Test
    void canary() {
        Canary canary = new Canary();
        assertEquals("C1", text(canary.next()));
        canary.heard(bytes("C1"));
        assertEquals("C2", text(canary.next()));
    }

    @Test
    void control_disconnect() {
        assertControl("OD\7default\1\0031.2\0", new ControlMessage.Disconnect("default", "1.2", null));
        assertControl("OD\7default\0\1\3ann", new ControlMessage.Disconnect("default", null, "ann"));
    }

    @Test
    void control_changeOfAStream() {
        assertControl(
                "OS\4shop\0031.2\3ann\1\5token\2\1a\3b.*\1\1c\00217",
                new ControlMessage.ChangeStream("shop", "1.2", "ann", List.of("a", "b.*"), List.of("c"), "token", 17));
        assertControl(
                "OS\4shop\0031.2\3ann\0\0\0\0010",
                new ControlMessage.ChangeStream("shop", "1.2", "ann", List.of(), List.of(), null, 0));
    }

    private static void assertControl(String bytes, ControlMessage message) {
        assertEquals(bytes, text(Wire.control(message)));
        assertEquals(message, Wire.control(bytes(bytes)));
    }

    @Test
    void control_ofANewerVersion_isLeftAlone() {
        assertNull(Wire.control(bytes("OZ\7default and whatever")));
    }

    @Test
    void revocation() {
        assertRevocation("R\7default\1\2t1\0\00210\00220", new Revocation("default", "t1", null, 10, 20));
        assertRevocation("R\4shop\0\1\3ann\00210\00220", new Revocation("shop", null, "ann", 10, 20));
    }

    private static void assertRevocation(String bytes, Revocation revocation) {
        assertEquals(bytes, text(Wire.revocation(revocation)));
        assertEquals(revocation, Wire.revocation(bytes(bytes)));
        assertEquals(List.of(revocation), Wire.revocations(List.of(bytes(bytes))));
    }

    @Test
    void presence() {
        PresenceListener listener = new PresenceListener();
        PresencePayload.tell(bytes("J7 9 3 shop:newsann{\"n\":1}"), listener);
        PresencePayload.tell(bytes("L7 9 3 shop:newsannnull"), listener);
        PresencePayload.tell(bytes("Q-5 shop:news"), listener);
        assertEquals(List.of("+ann {\"n\":1} shop:news", "-ann null shop:news", "marker -5 shop:news"), listener.heard);
        assertEquals("Q5 shop:news", text(PresencePayload.marker(Channel.of("shop", "news"), 5)));
        for (char kind : "JLQT".toCharArray()) {
            assertTrue(Wire.isPresence((byte) kind));
        }
        for (char kind : "MmKCORXj".toCharArray()) {
            assertFalse(Wire.isPresence((byte) kind));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "M",
                "M1",
                "M1 2 3 4 5",
                "M1 2 3 4 5 - ",
                "M1 2 3 4 5 - \0\177x",
                "Mx 2 3 4 5 - \0\1a\1b\1c",
                "m1 2 \0"
            })
    void message_thatIsCutOff_isRefused(String bytes) {
        assertThrows(IllegalArgumentException.class, () -> Wire.message(bytes(bytes), 0, 1));
    }

    private static final class PresenceListener implements PresenceStore.Listener {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void onPresence(ChannelEvent event) {
            boolean join = event instanceof Join;
            Member member = join ? ((Join) event).member() : ((Leave) event).member();
            heard.add((join ? "+" : "-") + member.subject() + " " + member.meta() + " "
                    + Statement.text(event.channel()));
        }

        @Override
        public void onMarker(Channel channel, long marker) {
            heard.add("marker " + marker + " " + Statement.text(channel));
        }

        @Override
        public CompletionStage<Void> onTransition(PresenceStore.Transition transition) {
            return PresenceStore.Transition.DONE;
        }
    }
}
