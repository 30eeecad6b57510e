package dev.pushy.core;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The text of positions and cursors: URL-safe, short, opaque to clients, its first character the version.
 *
 * <pre>
 * a EEEEEE TTTTTT O...                  the position of a broker with one partition: message id and cursor
 * b PP EEEEEE TTTTTT O...               a message id of a broker with more partitions
 * c (N EEEEEE TTTTTT O(N digits))*      a cursor over several partitions, in their order
 * l RRRRRRRRRRR                         the id of a message that is in no log
 * </pre>
 *
 * <p>E, T, O and P are digits of base 64 (the URL-safe alphabet), most significant first.
 */
final class PositionText {
    private static final char[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".toCharArray();
    private static final byte[] VALUES = new byte[128];
    private static final int WORD = 6;
    private static final int MAX_OFFSET_DIGITS = 10;

    static {
        java.util.Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < DIGITS.length; i++) {
            VALUES[DIGITS[i]] = (byte) i;
        }
    }

    private PositionText() {}

    static String single(Position position) {
        int digits = digits(position.offset());
        char[] out = new char[1 + 2 * WORD + digits];
        out[0] = 'a';
        body(out, 1, position, digits);
        return new String(out);
    }

    static String messageId(Position position) {
        int digits = digits(position.offset());
        char[] out = new char[3 + 2 * WORD + digits];
        out[0] = 'b';
        number(out, 1, 2, position.partition());
        body(out, 3, position, digits);
        return new String(out);
    }

    static String several(Position[] positions) {
        int length = 1;
        for (Position position : positions) {
            length += 1 + 2 * WORD + digits(position.offset());
        }
        char[] out = new char[length];
        out[0] = 'c';
        int at = 1;
        for (Position position : positions) {
            int digits = digits(position.offset());
            out[at] = DIGITS[digits];
            at = body(out, at + 1, position, digits);
        }
        return new String(out);
    }

    static String liveOnly() {
        char[] out = new char[12];
        out[0] = 'l';
        number(out, 1, 11, ThreadLocalRandom.current().nextLong() >>> 1);
        return new String(out);
    }

    /** The positions of a cursor's text, or null if it is none for a broker with so many partitions. */
    static Position @Nullable [] parse(String text, int partitions) {
        if (partitions == 1) {
            Position only = text.startsWith("a") ? parse(text, 1, text.length(), 0) : null;
            return only == null ? null : new Position[] {only};
        }
        if (partitions == 0 || !text.startsWith("c")) {
            return null;
        }
        Position[] positions = new Position[partitions];
        int at = 1;
        for (int p = 0; p < partitions; p++) {
            long digits = value(text, at, at + 1);
            int end = (int) (at + 1 + 2 * WORD + digits);
            Position position = digits < 0 ? null : parse(text, at + 1, end, p);
            if (position == null) {
                return null;
            }
            positions[p] = position;
            at = end;
        }
        return at == text.length() ? positions : null;
    }

    private static @Nullable Position parse(String text, int from, int to, int partition) {
        int digits = to - from - 2 * WORD;
        if (digits < 1 || digits > MAX_OFFSET_DIGITS || to > text.length()) {
            return null;
        }
        long epoch = value(text, from, from + WORD);
        long tag = value(text, from + WORD, from + 2 * WORD);
        long offset = value(text, from + 2 * WORD, to);
        boolean known = offset >= 0 && epoch >= 0 && epoch <= Integer.MAX_VALUE && tag >= 0 && tag <= Integer.MAX_VALUE;
        return known ? new Position(partition, (int) epoch, offset, (int) tag) : null;
    }

    private static int body(char[] out, int at, Position position, int digits) {
        number(out, at, WORD, position.epoch());
        number(out, at + WORD, WORD, position.tag());
        number(out, at + 2 * WORD, digits, position.offset());
        return at + 2 * WORD + digits;
    }

    private static int digits(long value) {
        int bits = 64 - Long.numberOfLeadingZeros(value);
        return Math.max(1, (bits + 5) / 6);
    }

    private static void number(char[] out, int at, int digits, long value) {
        long rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            out[i] = DIGITS[(int) (rest & 63)];
            rest >>>= 6;
        }
    }

    /** The number in this part of the text, or -1. */
    private static long value(String text, int from, int to) {
        if (to > text.length()) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? VALUES[c] : -1;
            if (digit < 0) {
                return -1;
            }
            value = value << 6 | digit;
        }
        return value;
    }
}
