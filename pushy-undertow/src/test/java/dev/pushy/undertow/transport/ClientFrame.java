package dev.pushy.undertow.transport;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Frames as a client sends them, right or wrong, byte by byte under the test's control. */
final class ClientFrame {
    static final int FIN = 0x80;

    private int first;
    private boolean masked = true;
    private int mask = 0x37FA213D;
    private byte[] payload = {};
    private long announced = -1;
    private int lengthBytes = -1;

    private ClientFrame(int first) {
        this.first = first;
    }

    static ClientFrame of(int opcode) {
        return new ClientFrame(FIN | opcode);
    }

    static ClientFrame text(String text) {
        return of(ServerFrame.TEXT).payload(text);
    }

    static ClientFrame close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return of(ServerFrame.CLOSE).payload(payload);
    }

    ClientFrame payload(byte... bytes) {
        payload = bytes;
        return this;
    }

    ClientFrame payload(String text) {
        return payload(text.getBytes(StandardCharsets.UTF_8));
    }

    ClientFrame notFinal() {
        first &= ~FIN;
        return this;
    }

    ClientFrame reserved(int bits) {
        first |= bits;
        return this;
    }

    ClientFrame unmasked() {
        masked = false;
        return this;
    }

    ClientFrame mask(int value) {
        mask = value;
        return this;
    }

    /** Says another length than the payload has. */
    ClientFrame announcing(long length) {
        announced = length;
        return this;
    }

    /** Uses 2 or 8 bytes for the length whatever it is. */
    ClientFrame lengthBytes(int count) {
        lengthBytes = count;
        return this;
    }

    byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        long length = announced >= 0 || announced < -1 ? announced : payload.length;
        int wide = lengthBytes >= 0 ? lengthBytes : length < 0 || length > 0xFFFF ? 8 : length > 125 ? 2 : 0;
        int flag = masked ? 0x80 : 0;
        out.write(flag | (wide == 0 ? (int) length : wide == 2 ? 126 : 127));
        for (int i = wide - 1; i >= 0; i--) {
            out.write((int) (length >> (i * 8)));
        }
        if (masked) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                out.write(mask >> shift);
            }
        }
        for (int i = 0; i < payload.length; i++) {
            out.write(masked ? payload[i] ^ (mask >> (24 - (i & 3) * 8)) : payload[i]);
        }
        return out.toByteArray();
    }

    static byte[] join(ClientFrame... frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ClientFrame frame : frames) {
            out.writeBytes(frame.bytes());
        }
        return out.toByteArray();
    }
}
