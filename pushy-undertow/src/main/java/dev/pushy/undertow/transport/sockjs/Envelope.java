package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.transport.FrameQueue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What one transport puts around a frame: text before and behind, and something else for characters that cannot stand there
 * as they are. Immutable.
 */
final class Envelope {
    private static final int ASCII = 128;

    private final byte[] before;
    private final byte[] after;
    /** By character, null for those that stand for themselves. */
    private final byte @Nullable [][] escapes;

    private Envelope(String before, String after, byte @Nullable [][] escapes) {
        this.before = ascii(before);
        this.after = ascii(after);
        this.escapes = escapes;
    }

    /** A frame as it is. */
    static Envelope plain(String before, String after) {
        return new Envelope(before, after, null);
    }

    /** A frame that the client decodes like a URI (source: {@code receiver/eventsource.js} of sockjs-client). */
    static Envelope encoded(String before, String after) {
        byte[][] escapes = new byte[ASCII][];
        escapes['%'] = ascii("%25");
        return new Envelope(before, after, escapes);
    }

    /** A frame inside a literal of JavaScript in a page, where {@code <} could end the script. */
    static Envelope literal(String before, String after) {
        byte[][] escapes = new byte[ASCII][];
        escapes['"'] = ascii("\\\"");
        escapes['\\'] = ascii("\\\\");
        escapes['<'] = ascii("\\u003c");
        return new Envelope(before, after, escapes);
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
        int length = bytes.length;
        if (escapes != null) {
            for (byte b : bytes) {
                length += b >= 0 && escapes[b] != null ? escapes[b].length - 1 : 0;
            }
        }
        return length;
    }

    private void put(byte[] bytes, ByteBuffer out) {
        if (escapes == null) {
            out.put(bytes);
            return;
        }
        for (byte b : bytes) {
            if (b >= 0 && escapes[b] != null) {
                out.put(escapes[b]);
            } else {
                out.put(b);
            }
        }
    }
}
