package dev.pushy.undertow.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Validation of UTF-8 that arrives in pieces (RFC 6455 section 8.1, RFC 3629): the state between two pieces is one
 * {@code int}, and the first byte that cannot continue a valid text is noticed at once.
 *
 * <p>A state is 0 between characters; inside one it holds the number of bytes still due and the range which the next
 * of them must lie in. The range excludes overlong forms, surrogates and everything above U+10FFFF.
 */
final class Utf8Check {
    /** The state before the first byte and between characters. */
    static final int START = 0;
    /** The state after a byte that no valid text can have in its place. */
    static final int INVALID = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8Check() {}

    /** Returns the state after {@code bytes[from..to)} when {@code state} was reached before them. */
    static int advance(int state, byte[] bytes, int from, int to) {
        int at = from;
        int now = state;
        while (at < to) {
            if (now == START) {
                while (to - at >= Long.BYTES && ((long) LONGS.get(bytes, at) & HIGH_BITS) == 0) {
                    at += Long.BYTES;
                }
                if (at == to) {
                    return START;
                }
            }
            now = next(now, bytes[at++] & 0xFF);
            if (now == INVALID) {
                return INVALID;
            }
        }
        return now;
    }

    private static int next(int state, int octet) {
        if (state == START) {
            return first(octet);
        }
        int low = (state >> 8) & 0xFF;
        int high = (state >> 16) & 0xFF;
        if (octet < low || octet > high) {
            return INVALID;
        }
        int due = (state & 0xFF) - 1;
        return due == 0 ? START : inside(due, 0x80, 0xBF);
    }

    private static int first(int octet) {
        if (octet < 0x80) {
            return START;
        }
        if (octet < 0xC2 || octet > 0xF4) {
            return INVALID;
        }
        if (octet < 0xE0) {
            return inside(1, 0x80, 0xBF);
        }
        return switch (octet) {
            case 0xE0 -> inside(2, 0xA0, 0xBF);
            case 0xED -> inside(2, 0x80, 0x9F);
            case 0xF0 -> inside(3, 0x90, 0xBF);
            case 0xF4 -> inside(3, 0x80, 0x8F);
            default -> inside(octet < 0xF0 ? 2 : 3, 0x80, 0xBF);
        };
    }

    private static int inside(int due, int low, int high) {
        return (high << 16) | (low << 8) | due;
    }
}
