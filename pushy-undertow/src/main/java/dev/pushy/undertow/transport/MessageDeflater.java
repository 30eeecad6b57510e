package dev.pushy.undertow.transport;

import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * Compresses messages for permessage-deflate without context takeover (RFC 7692): the result stands alone, so that one
 * compressed frame serves every connection that agreed on the extension. Confined to one thread.
 */
final class MessageDeflater implements AutoCloseable {
    private static final int TAIL = 4;

    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);

    /** Returns {@code message} compressed, without the four bytes that the receiver adds; an empty one is one zero. */
    byte[] deflate(byte[] message) {
        deflater.setInput(message);
        byte[] out = new byte[Math.max(64, message.length / 2)];
        int length = 0;
        while (true) {
            length += deflater.deflate(out, length, out.length - length, Deflater.SYNC_FLUSH);
            if (length < out.length) {
                break;
            }
            out = Arrays.copyOf(out, out.length * 2);
        }
        deflater.reset();
        return length > TAIL ? Arrays.copyOf(out, length - TAIL) : new byte[1];
    }

    @Override
    public void close() {
        deflater.end();
    }
}
