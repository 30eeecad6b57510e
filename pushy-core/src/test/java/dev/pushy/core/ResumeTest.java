package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTest {

    @ParameterizedTest
    @CsvSource({"0s, PT0S", "30s, PT30S", "10m, PT10M", "24h, PT24H", "7d, PT168H", "9999999d, PT239999976H"})
    void parse_age_isAgo(String text, Duration age) {
        assertEquals(new Resume.Ago(age), Resume.parse(text, 1));
    }

    @Test
    void parse_words_areUnderstood() {
        assertEquals(Resume.NOW, Resume.parse("now", 1));
        assertEquals(Resume.NOW, Resume.parse("", 1));
        assertEquals(new Resume.Last(20), Resume.parse("last:20", 1));
        assertEquals(new Resume.Last(0), Resume.parse("last:0", 1));
    }

    @Test
    void parse_cursor_isAfter() {
        Cursor one = Cursor.of(new Position(0, 3, 4, 5));
        Cursor two = Cursor.of(new Position(0, 3, 4, 5), new Position(1, 6, 7, 8));
        assertEquals(new Resume.After(one), Resume.parse(one.toString(), 1));
        assertEquals(new Resume.After(two), Resume.parse(two.toString(), 2));
    }

    @Test
    void parse_cursorOfAnotherNumberOfPartitions_isUnknown() {
        String one = Cursor.of(new Position(0, 3, 4, 5)).toString();
        assertInstanceOf(Resume.Unknown.class, Resume.parse(one, 2));
        assertInstanceOf(Resume.Unknown.class, Resume.parse(one, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOW",
                "10",
                "m",
                "10w",
                "-10m",
                "10 m",
                "99999999s",
                "last:",
                "last:-1",
                "last:99999999",
                "last:1x",
                "a",
                "\u0000",
                "１０m"
            })
    void parse_anythingElse_isUnknownAndNeverFails(String text) {
        assertInstanceOf(Resume.Unknown.class, Resume.parse(text, 1));
    }
}
