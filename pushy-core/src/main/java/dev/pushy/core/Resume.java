package dev.pushy.core;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a client wants its messages to begin. */
public sealed interface Resume {

    /** With what is published from now on. */
    Resume NOW = new Now();

    /** See {@link #NOW}. */
    record Now() implements Resume {}

    /** After what the client has seen. */
    record After(Cursor cursor) implements Resume {}

    /** After a cursor that nobody knows: everything retained follows, behind a gap with reason reset. */
    record Unknown() implements Resume {}

    /** With the messages of the last so much time. */
    record Ago(Duration age) implements Resume {}

    /** With the last so many messages. */
    record Last(int messages) implements Resume {}

    /**
     * Reads {@code now}, an age such as {@code 10m}, {@code last:20}, or a cursor. What is none of these is taken for a
     * cursor of a log that is gone: it never fails.
     *
     * @param partitions of the broker's log, 0 without one
     */
    static Resume parse(String text, int partitions) {
        if (text.isEmpty() || text.equals("now")) {
            return NOW;
        }
        Matcher age = Words.AGE.matcher(text);
        if (age.matches()) {
            return new Ago(Words.duration(age));
        }
        Matcher last = Words.LAST.matcher(text);
        if (last.matches()) {
            return new Last(Integer.parseInt(last.group(1)));
        }
        Optional<Cursor> cursor = Cursor.parse(text, partitions);
        return cursor.isPresent() ? new After(cursor.get()) : new Unknown();
    }

    /** The grammar of the relative forms. */
    final class Words {
        private static final Pattern AGE = Pattern.compile("([0-9]{1,7})([smhd])");
        private static final Pattern LAST = Pattern.compile("last:([0-9]{1,7})");

        private Words() {}

        private static Duration duration(Matcher age) {
            long amount = Long.parseLong(age.group(1));
            return switch (age.group(2)) {
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        }
    }
}
