package dev.pushy.undertow.protocol;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidChannelException;
import dev.pushy.core.Limits;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NamesTest {
    private static final Limits LIMITS =
            Limits.builder().subscriptions(3).patterns(1).eventLength(10).build();

    private static List<ChannelPattern> patterns(String... texts) {
        return Names.patterns(LIMITS, "default", List.of(texts));
    }

    private static RequestException refusedEvent(String name, boolean fromClient) {
        RequestException e = assertThrows(RequestException.class, () -> Names.event(LIMITS, name, fromClient));
        assertEquals(Fault.INVALID_EVENT, e.fault());
        return e;
    }

    @Test
    void channel_longerThanTheLimit_isRefusedNamingBoth() {
        RequestException e =
                assertThrows(RequestException.class, () -> Names.channel(LIMITS, "default", "a".repeat(201)));
        assertEquals(Fault.INVALID_CHANNEL, e.fault());
        assertTrue(e.getMessage().contains("201") && e.getMessage().contains("200"), e.getMessage());
    }

    @Test
    void pattern_withAWildcardInsideASegment_isRefused() {
        InvalidChannelException e = assertThrows(InvalidChannelException.class, () -> patterns("new*"));
        assertEquals(Fault.INVALID_CHANNEL, Fault.of(e));
    }

    @Test
    void patterns_thatAreTheSame_countOnce() {
        assertEquals(2, patterns("a", "b", "a").size());
    }

    @Test
    void event_reservedOrMalformed_isRefused() {
        assertDoesNotThrow(() -> Names.event(LIMITS, "score", true));
        assertDoesNotThrow(() -> Names.event(LIMITS, "client-x", false));
        refusedEvent("client-x", true);
        for (String name :
                List.of("", "01234567890", "pusher:x", "pushy:open", "a\nb", "a\u0000", "a\u0085", "a\uD800")) {
            refusedEvent(name, false);
        }
        assertTrue(refusedEvent("a\nb", false).getMessage().contains("U+000A"));
    }

    @Test
    void grant_narrowerThanThePattern_namesAllThatItRefuses() {
        Grant grant = Grant.of("ann", patterns("news.*", "chat.1"));
        assertDoesNotThrow(() -> Names.requireGranted(grant, patterns("news.sports", "chat.1")));
        RequestException e = assertThrows(
                RequestException.class, () -> Names.requireGranted(grant, patterns("news.**", "chat.1", "chat.2")));
        assertEquals(Fault.FORBIDDEN, e.fault());
        assertTrue(e.getMessage().contains("news.**, chat.2"), e.getMessage());
    }

    @Test
    void room_isCountedOverAllSubscriptions() {
        assertDoesNotThrow(() -> Names.requireRoom(LIMITS, patterns("a", "b.*"), patterns("a", "c")));
        RequestException many = assertThrows(
                RequestException.class, () -> Names.requireRoom(LIMITS, patterns("a", "b"), patterns("c", "d")));
        assertTrue(many.getMessage().contains("4 subscriptions"), many.getMessage());
        RequestException wild =
                assertThrows(RequestException.class, () -> Names.requireRoom(LIMITS, patterns("a.*"), patterns("b.*")));
        assertTrue(wild.getMessage().contains("2 patterns"), wild.getMessage());
    }

    @Test
    void refusal_ofManyChannels_staysShort() {
        Grant grant = Grant.of("ann", patterns("news"));
        List<ChannelPattern> asked = IntStream.range(0, 400)
                .mapToObj(i -> ChannelPattern.of("channel." + i))
                .toList();
        RequestException e = assertThrows(RequestException.class, () -> Names.requireGranted(grant, asked));
        assertTrue(e.getMessage().contains("and 390 more"), e.getMessage());
    }
}
