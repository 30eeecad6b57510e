package dev.pushy.redis;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes texts with their length before them: seven bits in each byte, the lowest first, the last without the high bit. */
final class WireWriter {
    private byte[] out;
    private int length;

    WireWriter(int expected) {
        this.out = new byte[expected];
    }

    WireWriter octet(int value) {
        reserve(1);
        out[length++] = (byte) value;
        return this;
    }

    WireWriter bytes(byte[] value) {
        reserve(value.length);
        System.arraycopy(value, 0, out, length, value.length);
        length += value.length;
        return this;
    }

    WireWriter text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return number(utf8.length).bytes(utf8);
    }

    /** A text that may be absent: 0 or 1 before it. */
    WireWriter optional(@Nullable String value) {
        return value == null ? octet(0) : octet(1).text(value);
    }

    WireWriter texts(List<String> values) {
        number(values.size());
        values.forEach(this::text);
        return this;
    }

    private WireWriter number(int value) {
        int rest = value;
        while (rest >= 0x80) {
            octet(rest | 0x80);
            rest >>>= 7;
        }
        return octet(rest);
    }

    private void reserve(int more) {
        if (length + more > out.length) {
            out = Arrays.copyOf(out, Math.max(out.length * 2, length + more));
        }
    }

    byte[] toBytes() {
        return length == out.length ? out : Arrays.copyOf(out, length);
    }
}
