package dev.pushy.undertow.protocol;

import java.nio.charset.StandardCharsets;

/** Text as a JSON string in UTF-8, quotes included. */
public final class JsonString {
    private static final byte[] HEX = ByteText.ascii("0123456789abcdef");

    private JsonString() {}

    /** The string of a text. Half a surrogate pair, which no UTF-8 can hold, is escaped. */
    public static byte[] of(String text) {
        return isText(text) ? of(text.getBytes(StandardCharsets.UTF_8)) : escaped(text);
    }

    /** Whether UTF-8 can hold the text: it has no half of a surrogate pair. */
    public static boolean isText(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isHalf(text, i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHalf(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }

    private static byte[] escaped(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16).append('"');
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isHalf(text, i)) {
                out.append(inner(text.substring(from, i))).append(String.format("\\u%04x", (int) text.charAt(i)));
                from = i + 1;
            }
        }
        return out.append(inner(text.substring(from))).append('"').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String inner(String text) {
        byte[] quoted = of(text.getBytes(StandardCharsets.UTF_8));
        return new String(quoted, 1, quoted.length - 2, StandardCharsets.UTF_8);
    }

    /**
     * The string of a text.
     *
     * @param utf8 the text, not to be changed
     */
    public static byte[] of(byte[] utf8) {
        byte[] out = new byte[length(utf8)];
        int at = 0;
        out[at++] = '"';
        for (byte b : utf8) {
            int width = width(b);
            if (width == 1) {
                out[at++] = b;
            } else {
                out[at++] = '\\';
                at = width == 2 ? putShort(out, at, b) : putLong(out, at, b);
            }
        }
        out[at] = '"';
        return out;
    }

    private static int length(byte[] utf8) {
        int length = 2;
        for (byte b : utf8) {
            length += width(b);
        }
        return length;
    }

    /** Bytes of characters beyond ASCII are negative, and stand for themselves. */
    private static int width(byte b) {
        return switch (b) {
            case '"', '\\', '\n', '\r', '\t', '\b', '\f' -> 2;
            default -> b >= 0 && b < ' ' ? 6 : 1;
        };
    }

    private static int putShort(byte[] out, int at, byte b) {
        out[at] = switch (b) {
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\t' -> 't';
            case '\b' -> 'b';
            case '\f' -> 'f';
            default -> b;
        };
        return at + 1;
    }

    private static int putLong(byte[] out, int at, byte b) {
        out[at] = 'u';
        out[at + 1] = '0';
        out[at + 2] = '0';
        out[at + 3] = HEX[b >> 4];
        out[at + 4] = HEX[b & 0xF];
        return at + 5;
    }
}
