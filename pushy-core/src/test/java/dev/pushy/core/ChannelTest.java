package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelTest {

    @ParameterizedTest
    @ValueSource(strings = {"news", "news.sports", "a_b-c=d@e,f.g;h", "presence-room.1", "..", "a..b", ".a", "0"})
    void of_nameOfAllowedCharacters_isKept(String name) {
        Channel channel = Channel.of(name);
        assertEquals(name, channel.name());
        assertEquals("default", channel.app());
        assertEquals(name, channel.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "a b", "news.*", "*", "a/b", "a:b", "#server-to-user-1", "{a}", "über", "a\u0000", "a\n"
            })
    void of_anythingElse_isRefused(String name) {
        assertThrows(InvalidChannelException.class, () -> Channel.of(name));
    }

    @Test
    void of_everyCharacterOutsideTheSet_isRefusedByItsPlace() {
        String allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=@,.;";
        for (char c = 0; c < 1_000; c++) {
            String name = "ab" + c;
            if (allowed.indexOf(c) >= 0) {
                assertEquals(name, Channel.of(name).name());
                continue;
            }
            InvalidChannelException refused =
                    assertThrows(InvalidChannelException.class, () -> Channel.of(name), "U+" + Integer.toHexString(c));
            assertTrue(refused.getMessage().contains("position 3"), refused.getMessage());
        }
    }

    @Test
    void of_longestName_isAllowedAndOneMoreIsNot() {
        assertEquals(1_000, Channel.of("x".repeat(1_000)).name().length());
        InvalidChannelException refused =
                assertThrows(InvalidChannelException.class, () -> Channel.of("x".repeat(1_001)));
        assertTrue(refused.getMessage().contains("1001 characters"), refused.getMessage());
        assertTrue(refused.getMessage().length() < 300, "the message repeats the whole name");
    }

    @Test
    void equals_sameNameInAnotherApp_isAnotherChannel() {
        assertEquals(Channel.of("a"), Channel.of("default", "a"));
        assertNotEquals(Channel.of("a"), Channel.of("other", "a"));
    }

    @Test
    void compareTo_channels_ordersByAppThenName() {
        List<Channel> sorted = Stream.of(Channel.of("b", "a"), Channel.of("a", "b"), Channel.of("a", "a"))
                .sorted()
                .toList();
        assertEquals(List.of(Channel.of("a", "a"), Channel.of("a", "b"), Channel.of("b", "a")), sorted);
    }

    @Test
    void reserved_anyKey_isNoNameThatUsersCanWrite() {
        Channel channel = Channel.reserved("default", "user", "Ann \u00e4.*/#");
        assertTrue(channel.isReserved());
        assertEquals("Ann \u00e4.*/#", channel.reservedKey());
        assertEquals(channel, new Channel("default", channel.name()));
        assertThrows(InvalidChannelException.class, () -> Channel.of(channel.name()));
        assertThrows(IllegalStateException.class, () -> Channel.of("user").reservedKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"**", "*", "*.*"})
    void reserved_isMatchedByNoPattern(String pattern) {
        Channel channel = Channel.reserved("default", "user", "ann");
        assertFalse(ChannelPattern.of(pattern).matches(channel));
        PatternTrie<String> trie = new PatternTrie<>();
        trie.put(ChannelPattern.of(pattern), pattern);
        assertFalse(trie.matches(channel));
        assertTrue(ChannelPattern.of(channel).matches(channel));
    }
}
