package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.transport.FrameQueue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What one transport puts around a frame: text before and behind, and for scripts the frame itself as a literal of
 * JavaScript. Immutable.
 */
final class Envelope {
    /** Stands for {@code <}, which in a page could end the script. */
    private static final byte[] LESS_THAN = ascii("\\u003c");

    private final byte[] before;
    private final byte[] after;
    private final boolean literal;

    private Envelope(String before, String after, boolean literal) {
        this.before = ascii(before);
        this.after = ascii(after);
        this.literal = literal;
    }

    /** A frame as it is, between two texts. */
    static Envelope plain(String before, String after) {
        return new Envelope(before, after, false);
    }

    /** A frame as a literal of JavaScript, between two texts that quote it. */
    static Envelope literal(String before, String after) {
        return new Envelope(before, after, true);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A frame that is no message. */
    ByteBuffer wrap(byte[] frame, ByteBuffer scratch) {
        ByteBuffer out = room(length(frame), scratch);
        out.put(before);
        put(frame, out);
        return out.put(after).flip();
    }

    /**
     * The oldest messages of a queue in one frame, as elements of an array.
     *
     * @param scratch used if it is large enough
     * @return ready to be read
     */
    ByteBuffer wrap(FrameQueue messages, int count, ByteBuffer scratch) {
        int length = 2;
        for (int i = 0; i < count; i++) {
            length += length(messages.frame(i));
        }
        ByteBuffer out = room(length, scratch);
        out.put(before);
        int begin = out.put((byte) 'a').position();
        for (int i = 0; i < count; i++) {
            put(messages.frame(i), out);
        }
        return out.put(begin, (byte) '[').put((byte) ']').put(after).flip();
    }

    private ByteBuffer room(int length, ByteBuffer scratch) {
        int all = before.length + length + after.length;
        return all <= scratch.capacity() ? scratch.clear() : ByteBuffer.allocate(all);
    }

    private int length(byte[] bytes) {
        if (!literal) {
            return bytes.length;
        }
        int length = bytes.length;
        for (byte b : bytes) {
            if (b == '"' || b == '\\') {
                length++;
            } else if (b == '<') {
                length += LESS_THAN.length - 1;
            }
        }
        return length;
    }

    private void put(byte[] bytes, ByteBuffer out) {
        if (!literal) {
            out.put(bytes);
            return;
        }
        for (byte b : bytes) {
            if (b == '<') {
                out.put(LESS_THAN);
            } else {
                if (b == '"' || b == '\\') {
                    out.put((byte) '\\');
                }
                out.put(b);
            }
        }
    }
}
