package dev.pushy.undertow.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The masking of a client's frames (RFC 6455 section 5.3). A mask is an {@code int} whose highest byte comes first. */
final class Mask {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Mask() {}

    /** Unmasks {@code bytes[from..to)} in place; returns the mask for the bytes that follow them. */
    static int undo(int mask, byte[] bytes, int from, int to) {
        long twice = ((long) mask << Integer.SIZE) | (mask & 0xFFFF_FFFFL);
        int at = from;
        for (; to - at >= Long.BYTES; at += Long.BYTES) {
            LONGS.set(bytes, at, (long) LONGS.get(bytes, at) ^ twice);
        }
        for (int shift = 24; at < to; at++, shift = (shift - Byte.SIZE) & 31) {
            bytes[at] ^= (byte) (mask >> shift);
        }
        return Integer.rotateLeft(mask, ((to - from) & 3) * Byte.SIZE);
    }
}
