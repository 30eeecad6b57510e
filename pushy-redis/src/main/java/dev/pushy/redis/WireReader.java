package dev.pushy.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what {@link WireWriter} and the scripts wrote. Throws IllegalArgumentException at what neither can have written. */
final class WireReader {
    private final byte[] in;
    private int at;

    WireReader(byte[] in, int from) {
        this.in = in;
        this.at = from;
    }

    int octet() {
        require(1);
        return in[at++];
    }

    /** Whether a digit comes next. */
    boolean isNumber() {
        return at < in.length && in[at] >= '0' && in[at] <= '9';
    }

    /** A decimal number and the one character behind it. */
    long number() {
        int from = at;
        long value = 0;
        while (isNumber()) {
            value = value * 10 + in[at] - '0';
            at++;
        }
        if (at == from || at - from > 18) {
            throw new IllegalArgumentException("no number at byte " + from);
        }
        at++;
        return value;
    }

    /** What stands before the next space. */
    String word() {
        int from = at;
        while (at < in.length && in[at] != ' ') {
            at++;
        }
        return new String(in, from, at++ - from, StandardCharsets.US_ASCII);
    }

    /** Reads over a dash and the space behind it, if there is one. */
    boolean skipDash() {
        boolean dash = at < in.length && in[at] == '-';
        at += dash ? 2 : 0;
        return dash;
    }

    String text() {
        int length = length();
        require(length);
        at += length;
        return new String(in, at - length, length, StandardCharsets.UTF_8);
    }

    @Nullable
    String optional() {
        return octet() == 0 ? null : text();
    }

    List<String> texts() {
        int count = length();
        require(count);
        List<String> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            all.add(text());
        }
        return all;
    }

    byte[] rest() {
        return Arrays.copyOfRange(in, at, in.length);
    }

    private int length() {
        int value = 0;
        int shift = 0;
        int next;
        do {
            next = octet();
            value |= (next & 0x7F) << shift;
            shift += 7;
        } while (next < 0 && shift < 28);
        return value;
    }

    private void require(int bytes) {
        if (bytes < 0 || bytes > in.length - at) {
            throw new IllegalArgumentException("it ends at byte " + in.length + ", " + bytes + " more are due");
        }
    }
}
