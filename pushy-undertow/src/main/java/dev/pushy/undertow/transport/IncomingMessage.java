package dev.pushy.undertow.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way in, from its first frame to its last. It holds what has come: what a header announces costs no
 * memory until it is sent.
 */
final class IncomingMessage {
    private static final int FIRST_CAPACITY = 256;

    private final boolean text;
    private final boolean compressed;
    private final int limit;
    private byte[] bytes = {};
    private int length;
    private int utf8 = Utf8Check.START;

    /**
     * Begins a message.
     *
     * @param compressed whether the bytes are those of permessage-deflate
     * @param limit the most bytes, compressed and not
     */
    IncomingMessage(boolean text, boolean compressed, int limit) {
        this.text = text;
        this.compressed = compressed;
        this.limit = limit;
    }

    boolean isText() {
        return text;
    }

    /** Whether so many bytes more are within the limit. */
    boolean hasRoom(long more) {
        return more <= limit - length;
    }

    /**
     * Takes masked bytes; returns the mask for the bytes that follow them.
     *
     * @param last whether the message is complete then
     */
    int take(ByteBuffer in, int count, int mask, boolean last) {
        int from = length;
        makeRoom(count, last);
        in.get(bytes, from, count);
        length += count;
        int rotated = Mask.undo(mask, bytes, from, length);
        if (text && !compressed) {
            utf8 = Utf8Check.advance(utf8, bytes, from, length);
        }
        return rotated;
    }

    /** A complete message gets its exact size. */
    private void makeRoom(int count, boolean last) {
        int needed = length + count;
        if (needed > bytes.length) {
            int capacity = last ? needed : Math.max(FIRST_CAPACITY, needed + (needed >> 1));
            bytes = Arrays.copyOf(bytes, Math.min(capacity, Math.max(needed, limit)));
        }
    }

    /** Whether what has come so far cannot be the beginning of a text. */
    boolean isBroken() {
        return utf8 == Utf8Check.INVALID;
    }

    /** Whether a complete text ends within a character, or is none. */
    boolean isNoText() {
        return text && utf8 != Utf8Check.START;
    }

    /** Inflates a complete message that was compressed. */
    void inflate(@Nullable MessageInflater inflater)
            throws MessageInflater.TooBigException, MessageInflater.CorruptException {
        if (compressed && inflater != null) {
            bytes = inflater.inflate(bytes, length, limit);
            length = bytes.length;
            if (text) {
                utf8 = Utf8Check.advance(Utf8Check.START, bytes, 0, length);
            }
        }
    }

    /** The complete message as text. */
    String asText() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** The bytes of the complete message. */
    byte[] asBytes() {
        return bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
    }
}
