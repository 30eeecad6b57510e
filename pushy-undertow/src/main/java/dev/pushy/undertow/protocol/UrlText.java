package dev.pushy.undertow.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Parts of a request's target, as they came and as they are meant. */
public final class UrlText {
    private UrlText() {}

    /**
     * Decodes percent signs as UTF-8, and refuses what is neither.
     *
     * @param raw as the server read it, one character for each byte
     * @param form whether a plus means a space, as in queries
     * @throws RequestException if it is not well encoded
     */
    public static String decode(String raw, boolean form) {
        boolean encoded = raw.indexOf('%') >= 0 || (form && raw.indexOf('+') >= 0);
        for (int i = 0; i < raw.length() && !encoded; i++) {
            encoded = raw.charAt(i) >= 128;
        }
        return encoded ? decodeBytes(raw, form) : raw;
    }

    private static String decodeBytes(String raw, boolean form) {
        ByteBuffer bytes = ByteBuffer.allocate(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
                int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw malformed(raw, "a % must be followed by two hex digits");
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else if (c == '+' && form) {
                bytes.put((byte) ' ');
            } else if (c < 256) {
                bytes.put((byte) c);
            } else {
                throw malformed(raw, "it has a character that is not encoded");
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw malformed(raw, "decoded, it is not UTF-8");
        }
    }

    private static RequestException malformed(String raw, String why) {
        return new RequestException(
                Fault.INVALID_REQUEST, "\"" + Excerpt.of(raw) + "\" in the request's target is malformed: " + why);
    }
}
