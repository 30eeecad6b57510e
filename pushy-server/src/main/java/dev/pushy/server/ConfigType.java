package dev.pushy.server;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the value of a key must be: how it is read from text, and the words that say what would be right.
 *
 * @param form what a right value is, as the end of a sentence: {@code a whole number from 0 to 65535}
 * @param secret whether the value must never be printed
 * @param list whether the value is a list of such values
 * @param reader the value of a text; throws {@link IllegalArgumentException} for a wrong one
 */
record ConfigType(String form, boolean secret, boolean list, Function<String, Object> reader) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)?");
    private static final Pattern BYTES = Pattern.compile("(\\d{1,15})\\s*(b|kb|kib|mb|mib|gb|gib)?");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> UNITS = Map.of(
            "b",
            1L,
            "kb",
            1_000L,
            "kib",
            1L << 10,
            "mb",
            1_000_000L,
            "mib",
            1L << 20,
            "gb",
            1_000_000_000L,
            "gib",
            1L << 30);

    static final ConfigType TEXT = new ConfigType("a text", false, false, ConfigType::notEmpty);
    static final ConfigType SECRET = new ConfigType("a secret text", true, false, text -> new Secret(notEmpty(text)));
    static final ConfigType YES_NO = new ConfigType("true or false", false, false, text -> switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new IllegalArgumentException();
    });

    static ConfigType listOf(ConfigType item) {
        return new ConfigType("a list, each " + item.form, item.secret, true, item.reader);
    }

    static ConfigType number(int least, int most) {
        return new ConfigType("a whole number from " + least + " to " + most, false, false, text ->
                (int) within(Long.parseLong(text), least, most));
    }

    /** A size in bytes: {@code 65536}, {@code 64KiB}. */
    static ConfigType bytes(String least, String most) {
        return new ConfigType(
                "a size from " + least + " to " + most + ", such as 65536 or 64KiB",
                false,
                false,
                text -> within(size(text), size(least), size(most)));
    }

    /** A duration: {@code 15s}, {@code 250ms}, {@code 6h}; a bare number is seconds. */
    static ConfigType duration(String least, String most) {
        return new ConfigType(
                "a duration from " + least + " to " + most + ", such as 250ms, 15s, 5m, 6h or 30d",
                false,
                false,
                text -> Duration.ofMillis(within(millis(text), millis(least), millis(most))));
    }

    static ConfigType oneOf(String... words) {
        List<String> allowed = List.of(words);
        return new ConfigType("one of " + String.join(", ", words), false, false, text -> {
            if (!allowed.contains(text)) {
                throw new IllegalArgumentException();
            }
            return text;
        });
    }

    private static String notEmpty(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static long within(long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException();
        }
        return value;
    }

    private static long millis(String text) {
        Matcher matcher = matcher(DURATION, text);
        String unit = matcher.group(2);
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), MILLIS.getOrDefault(unit == null ? "s" : unit, 1L));
    }

    private static long size(String text) {
        Matcher matcher = matcher(BYTES, text);
        String unit = matcher.group(2);
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), UNITS.getOrDefault(unit == null ? "b" : unit, 1L));
    }

    private static Matcher matcher(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException();
        }
        return matcher;
    }
}
