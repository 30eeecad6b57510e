package dev.pushy.undertow.protocol;

import java.nio.charset.StandardCharsets;

/** Bytes of a length known before, filled from the left. Not thread-safe. */
public final class ByteText {
    private final byte[] out;
    private int at;

    /** Begins bytes of this length. */
    public ByteText(int length) {
        this.out = new byte[length];
    }

    /** The bytes of ASCII characters. */
    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Puts bytes as they are. */
    public ByteText put(byte[] bytes) {
        System.arraycopy(bytes, 0, out, at, bytes.length);
        at += bytes.length;
        return this;
    }

    /** Puts text of ASCII characters. */
    public ByteText put(String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            out[at++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    /**
     * Puts JSON on one line. Between its tokens a line break means nothing and inside a string there cannot be one, so
     * that a space in its place changes no value, and cannot end a line of an SSE block.
     */
    ByteText putOneLine(byte[] json) {
        int from = at;
        put(json);
        for (int i = from; i < at; i++) {
            if (out[i] == '\n' || out[i] == '\r') {
                out[i] = ' ';
            }
        }
        return this;
    }

    /**
     * The bytes.
     *
     * @throws IllegalStateException unless exactly the length was put
     */
    public byte[] bytes() {
        if (at != out.length) {
            throw new IllegalStateException("measured " + out.length + " bytes, wrote " + at);
        }
        return out;
    }
}
