package dev.pushy.undertow.transport.sockjs;

import java.nio.charset.StandardCharsets;

/** The words of SockJS: a message as a string of JSON, and the frames around it. */
final class SockJsText {
    static final byte[] OPEN = {'o'};
    static final byte[] HEARTBEAT = {'h'};

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private SockJsText() {}

    /**
     * A message as a quoted string of JSON. What browsers and their transports are known to mangle is escaped: control
     * characters, U+200C to U+200F, U+2028 to U+202F, U+2060 to U+206F, U+FFF0 to U+FFFF.
     *
     * @param text valid UTF-8
     */
    static byte[] quoted(byte[] text) {
        int length = 2;
        for (int i = 0; i < text.length; i++) {
            int escaped = escapedLength(text, i);
            length += escaped == 0 ? 1 : escaped;
            i += escaped == 0 ? 0 : width(text[i]) - 1;
        }
        byte[] out = new byte[length];
        int at = 0;
        out[at++] = '"';
        for (int i = 0; i < text.length; i++) {
            int escaped = escapedLength(text, i);
            if (escaped == 0) {
                out[at++] = text[i];
            } else {
                escape(text, i, escaped, out, at);
                at += escaped;
                i += width(text[i]) - 1;
            }
        }
        out[at] = '"';
        return out;
    }

    /** How many bytes a character wants that cannot stand as it is; 0 for all others. */
    private static int escapedLength(byte[] text, int at) {
        byte first = text[at];
        if (first >= 0) {
            if (first == '"' || first == '\\') {
                return 2;
            }
            return first >= ' ' ? 0 : shortName(first) != 0 ? 2 : 6;
        }
        if (width(first) != 3 || at + 2 >= text.length) {
            return 0;
        }
        return isMangled(codePoint(text, at)) ? 6 : 0;
    }

    private static boolean isMangled(int codePoint) {
        return (codePoint >= 0x200C && codePoint <= 0x200F)
                || (codePoint >= 0x2028 && codePoint <= 0x202F)
                || (codePoint >= 0x2060 && codePoint <= 0x206F)
                || codePoint >= 0xFFF0;
    }

    private static int width(byte first) {
        return (first & 0xF0) == 0xE0 ? 3 : 1;
    }

    private static int codePoint(byte[] text, int at) {
        return (text[at] & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | (text[at + 2] & 0x3F);
    }

    private static void escape(byte[] text, int from, int length, byte[] out, int to) {
        byte first = text[from];
        out[to] = '\\';
        if (length == 2) {
            out[to + 1] = first >= ' ' ? first : shortName(first);
            return;
        }
        int codePoint = first >= 0 ? first : codePoint(text, from);
        out[to + 1] = 'u';
        for (int i = 0; i < 4; i++) {
            out[to + 2 + i] = HEX[codePoint >> (12 - 4 * i) & 0x0F];
        }
    }

    private static byte shortName(byte control) {
        return switch (control) {
            case '\b' -> 'b';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\f' -> 'f';
            case '\r' -> 'r';
            default -> 0;
        };
    }

    /** A message behind a comma: such messages one after another are the elements of an array, but for the first comma. */
    static byte[] element(byte[] text) {
        byte[] quoted = quoted(text);
        byte[] element = new byte[quoted.length + 1];
        element[0] = ',';
        System.arraycopy(quoted, 0, element, 1, quoted.length);
        return element;
    }

    /** One message in a frame of its own. */
    static byte[] message(byte[] text) {
        return between("a[", quoted(text));
    }

    /** The frame that ends a session. */
    static byte[] close(int code, String reason) {
        return between("c[" + code + ",", quoted(reason.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] between(String before, byte[] inner) {
        byte[] frame = new byte[before.length() + inner.length + 1];
        for (int i = 0; i < before.length(); i++) {
            frame[i] = (byte) before.charAt(i);
        }
        System.arraycopy(inner, 0, frame, before.length(), inner.length);
        frame[frame.length - 1] = ']';
        return frame;
    }
}
