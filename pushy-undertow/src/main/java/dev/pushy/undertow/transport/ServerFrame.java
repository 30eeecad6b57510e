package dev.pushy.undertow.transport;

import java.nio.charset.StandardCharsets;

/**
 * Complete, unmasked WebSocket frames as a server sends them (RFC 6455 section 5). The bytes depend on nothing but the
 * payload, so that one frame serves every connection.
 */
final class ServerFrame {
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;

    static final int MAX_CONTROL_PAYLOAD = 125;

    private static final int FIN = 0x80;
    private static final int RSV1 = 0x40;
    private static final int MAX_CLOSE_REASON = MAX_CONTROL_PAYLOAD - 2;

    private ServerFrame() {}

    /** Returns a text frame; {@code utf8} must be valid UTF-8. */
    static byte[] text(byte[] utf8) {
        return frame(FIN | TEXT, utf8, 0, utf8.length);
    }

    /** Returns a text frame of {@code text}. */
    static byte[] text(String text) {
        return text(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a text frame whose payload the permessage-deflate extension has compressed. */
    static byte[] compressedText(byte[] deflated) {
        return frame(FIN | RSV1 | TEXT, deflated, 0, deflated.length);
    }

    /** Returns a binary frame. */
    static byte[] binary(byte[] payload) {
        return frame(FIN | BINARY, payload, 0, payload.length);
    }

    /** Returns a ping frame; the payload is at most 125 bytes. */
    static byte[] ping(byte[] payload) {
        return control(PING, payload);
    }

    /** Returns a pong frame; the payload is at most 125 bytes. */
    static byte[] pong(byte[] payload) {
        return control(PONG, payload);
    }

    /**
     * Returns a close frame. {@link CloseCode#NO_STATUS} makes one without a body; a reason longer than 123 bytes is
     * cut at a character.
     */
    static byte[] close(int code, String reason) {
        if (code == CloseCode.NO_STATUS) {
            return control(CLOSE, new byte[0]);
        }
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, MAX_CLOSE_REASON);
        while (length < text.length && length > 0 && (text[length] & 0xC0) == 0x80) {
            length--;
        }
        byte[] payload = new byte[2 + length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, length);
        return control(CLOSE, payload);
    }

    private static byte[] control(int opcode, byte[] payload) {
        if (payload.length > MAX_CONTROL_PAYLOAD) {
            throw new IllegalArgumentException(
                    "a control frame carries at most 125 bytes, these are " + payload.length);
        }
        return frame(FIN | opcode, payload, 0, payload.length);
    }

    private static byte[] frame(int first, byte[] payload, int from, int length) {
        int head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
        byte[] frame = new byte[head + length];
        frame[0] = (byte) first;
        if (head == 2) {
            frame[1] = (byte) length;
        } else {
            frame[1] = (byte) (head == 4 ? 126 : 127);
            for (int i = head - 1, rest = length; i >= 2; i--, rest >>>= 8) {
                frame[i] = (byte) rest;
            }
        }
        System.arraycopy(payload, from, frame, head, length);
        return frame;
    }
}
