package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelPatternTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"news", "news.sports", "*", "**", "news.*", "news.**", "*.sports", "*.*", "a.*.c", "*.a.**"})
    void of_pattern_isKeptAsWritten(String text) {
        ChannelPattern pattern = ChannelPattern.of(text);
        assertEquals(text, pattern.toString());
        assertEquals(text.contains("*"), pattern.isWildcard());
        assertEquals(List.of(text.split("\\.")), pattern.segments());
    }

    @ParameterizedTest
    @CsvSource({
        "new*, inside a segment",
        "*s, inside a segment",
        "a.b*.c, inside a segment",
        "***, inside a segment",
        "**.a, before its end",
        "a.**.b, before its end",
        "**.**, before its end",
        "a..b, empty segment",
        ".a, empty segment",
        "a., empty segment",
        "., empty segment",
        "'a b', position 2",
        "a/b, position 2",
        "'', empty",
    })
    void of_noPattern_isRefusedWithTheReason(String text, String reason) {
        InvalidChannelException refused = assertThrows(InvalidChannelException.class, () -> ChannelPattern.of(text));
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "news, news, true",
        "news, news.sports, false",
        "news, New, false",
        "news.*, news.sports, true",
        "news.*, news, false",
        "news.*, news.sports.f1, false",
        "news.*, newsx.sports, false",
        "news.**, news.sports, true",
        "news.**, news.sports.f1, true",
        "news.**, news, false",
        "news.**, newsx.a, false",
        "*, news, true",
        "*, news.sports, false",
        "**, news, true",
        "**, news.sports.f1, true",
        "*.sports, news.sports, true",
        "*.sports, sports, false",
        "*.sports, a.b.sports, false",
        "a.*.c, a.b.c, true",
        "a.*.c, a.b.d, false",
        "a.*.c, a.c, false",
        "*.*, a.b, true",
        "*.*, a, false",
        "*.*, a.b.c, false",
        "*.**, a.b, true",
        "*.**, a, false",
        "*.b.**, a.b.c.d, true",
        "*.b.**, a.b, false",
    })
    void matches_byTheGrammar(String pattern, String channel, boolean expected) {
        assertEquals(expected, ChannelPattern.of(pattern).matches(Channel.of(channel)));
    }

    @Test
    void matches_channelOfAnotherApp_isNever() {
        assertFalse(ChannelPattern.of("**").matches(Channel.of("other", "news")));
        assertFalse(ChannelPattern.of("**").covers(ChannelPattern.of("other", "news")));
        assertFalse(ChannelPattern.of("**").overlaps(ChannelPattern.of("other", "**")));
    }

    @Test
    void of_channelWithEmptySegments_matchesJustThat() {
        Channel odd = Channel.of("a..b");
        ChannelPattern exact = ChannelPattern.of(odd);
        assertTrue(exact.matches(odd));
        assertEquals(odd, exact.channel());
        assertFalse(exact.matches(Channel.of("a.b")));
        assertTrue(ChannelPattern.of("a.*.b").covers(exact));
        assertTrue(ChannelPattern.of("a.*.b").matches(odd));
    }

    @ParameterizedTest
    @CsvSource({
        "news.**, news.*, true",
        "news.*, news.**, false",
        "news.*, news.sports, true",
        "news.*, news, false",
        "news.**, news, false",
        "**, **, true",
        "**, *, true",
        "**, a.b.c, true",
        "*, **, false",
        "*, a, true",
        "*, *, true",
        "a, *, false",
        "*.**, **, false",
        "**, *.**, true",
        "a.*.c, a.b.c, true",
        "a.*.c, a.*.c, true",
        "a.*.c, a.b.*, false",
        "a.**, a.*.c, true",
        "a.**, a.b.**, true",
        "a.b.**, a.**, false",
        "*.*, *.**, false",
    })
    void covers_byTheGrammar(String wide, String narrow, boolean expected) {
        assertEquals(expected, ChannelPattern.of(wide).covers(ChannelPattern.of(narrow)));
    }

    @Test
    void channel_ofWildcard_isRefused() {
        assertEquals(Channel.of("a.b"), ChannelPattern.of("a.b").channel());
        assertThrows(IllegalStateException.class, () -> ChannelPattern.of("a.*").channel());
    }

    /** Over three letters and names of up to five segments nothing of patterns of up to three can hide. */
    @Test
    void coversAndOverlaps_ofRandomPatterns_agreeWithTryingEveryName() {
        List<Channel> names = new ArrayList<>();
        for (int segments = 1; segments <= 5; segments++) {
            addNames(names, "", segments);
        }
        Random random = new Random(7);
        for (int round = 0; round < 3_000; round++) {
            ChannelPattern a = randomPattern(random);
            ChannelPattern b = randomPattern(random);
            boolean covers = true;
            boolean overlaps = false;
            for (Channel name : names) {
                boolean inA = a.matches(name);
                boolean inB = b.matches(name);
                assertEquals(slowMatch(a, name), inA, a + " matches " + name);
                covers &= inA || !inB;
                overlaps |= inA && inB;
            }
            assertEquals(covers, a.covers(b), a + " covers " + b);
            assertEquals(overlaps, a.overlaps(b), a + " overlaps " + b);
            assertEquals(a.overlaps(b), b.overlaps(a), a + " overlaps " + b + ", both ways");
            if (covers && !b.covers(a)) {
                assertTrue(ChannelPattern.bySpecificity(b, a) < 0, b + " is more specific than " + a);
            }
        }
    }

    private static void addNames(List<Channel> names, String prefix, int segments) {
        for (String letter : List.of("a", "b", "c")) {
            if (segments == 1) {
                names.add(Channel.of(prefix + letter));
            } else {
                addNames(names, prefix + letter + ".", segments - 1);
            }
        }
    }

    /** Patterns know only two of the three letters: the third stands for all names that a pattern does not say. */
    private static ChannelPattern randomPattern(Random random) {
        int length = 1 + random.nextInt(3);
        List<String> segments = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int choice = random.nextInt(i == length - 1 ? 5 : 4);
            segments.add(choice == 4 ? "**" : choice >= 2 ? "*" : choice == 1 ? "a" : "b");
        }
        return ChannelPattern.of(String.join(".", segments));
    }

    private static boolean slowMatch(ChannelPattern pattern, Channel channel) {
        StringBuilder regex = new StringBuilder();
        for (String segment : pattern.segments()) {
            regex.append(regex.length() == 0 ? "" : "\\.");
            regex.append(segment.equals("**") ? ".+" : segment.equals("*") ? "[^.]+" : segment);
        }
        return channel.name().matches(regex.toString());
    }
}
