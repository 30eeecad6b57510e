package dev.pushy.undertow.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The inbound half of RFC 6455 at a server: bytes as they come from the socket go in, complete messages and control
 * frames come out at a {@link Sink}. Not safe for use by several threads.
 *
 * <p>The header is parsed byte by byte into plain fields, so a frame may be cut anywhere and nothing is kept between
 * messages. Whatever breaks the protocol is told once through {@link Sink#onFault} and ends the reader: it swallows
 * all further bytes, as it does after a close frame.
 */
final class FrameReader {

    /** What a reader hands its finds to, in their order on the wire. */
    interface Sink {
        /** Takes a complete text message. */
        void onText(String text);

        /** Takes a complete binary message; the array belongs to the sink. */
        void onBinary(byte[] message);

        /** Takes a ping; its payload, at most 125 bytes, belongs in the pong. */
        void onPing(byte[] payload);

        /** Takes a pong. */
        void onPong(byte[] payload);

        /** Takes the peer's close frame; {@link CloseCode#NO_STATUS} and an empty reason where it had no body. */
        void onClose(int code, String reason);

        /** Hears that the peer broke the protocol and which close code says so. */
        void onFault(int code, String reason);

        /** Returns whether the next message may come now; if not, the reader leaves the rest in the buffer. */
        boolean wantsMore();
    }

    private static final byte[] EMPTY = {};

    private static final int FIN = 0x80;
    private static final int RSV = 0x70;
    private static final int RSV1 = 0x40;
    private static final int MASKED = 0x80;
    private static final int CONTROL = 0x08;

    private static final byte AT_FIRST = 0;
    private static final byte AT_SECOND = 1;
    private static final byte AT_LENGTH = 2;
    private static final byte AT_MASK = 3;
    private static final byte AT_PAYLOAD = 4;
    private static final byte ENDED = 5;

    private final int maxMessage;
    private final @Nullable MessageInflater inflater;

    private byte stage = AT_FIRST;
    /** Bytes of the length or mask that are still due. */
    private byte due;
    /** First byte of the current frame. */
    private byte head;

    private int mask;
    /** Payload bytes of the current frame that are still due; while the length is read, its bytes so far. */
    private long remaining;

    private @Nullable IncomingMessage message;
    /** Payload of an unfinished control frame. */
    private byte[] control = EMPTY;

    private int controlLength;

    /**
     * Makes a reader.
     *
     * @param maxMessage the longest message in bytes, after inflation, before 1009
     * @param inflater undoes permessage-deflate where the handshake agreed on it; may be shared by the readers of one
     *     thread
     */
    FrameReader(int maxMessage, @Nullable MessageInflater inflater) {
        this.maxMessage = maxMessage;
        this.inflater = inflater;
    }

    /** Returns whether a message has begun and not ended. */
    boolean inMessage() {
        return stage != ENDED && (stage != AT_FIRST || message != null);
    }

    /** Returns whether a close frame or a fault has ended the reader. */
    boolean ended() {
        return stage == ENDED;
    }

    /** Swallows everything from now on. */
    void end() {
        stage = ENDED;
        message = null;
        control = EMPTY;
    }

    /** Takes the bytes of {@code in}: all of them unless the sink wants no more for now. */
    void read(ByteBuffer in, Sink sink) {
        while (in.hasRemaining() && stage != ENDED) {
            switch (stage) {
                case AT_FIRST -> {
                    if (!sink.wantsMore()) {
                        return;
                    }
                    onFirst(in.get(), sink);
                }
                case AT_SECOND -> onSecond(in.get(), sink);
                case AT_LENGTH -> onLength(in.get(), sink);
                case AT_MASK -> onMask(in.get(), sink);
                default -> onPayload(in, sink);
            }
        }
        if (stage == ENDED) {
            in.position(in.limit());
        }
    }

    private void onFirst(byte octet, Sink sink) {
        head = octet;
        int opcode = octet & 0x0F;
        boolean control = (opcode & CONTROL) != 0;
        int reserved = octet & RSV;
        if (reserved == RSV1 && inflater != null && (opcode == ServerFrame.TEXT || opcode == ServerFrame.BINARY)) {
            reserved = 0;
        }
        if (reserved != 0) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "reserved bits are set that no extension defines");
        } else if (opcode > ServerFrame.PONG || (opcode > ServerFrame.BINARY && !control)) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "opcode " + opcode + " is reserved");
        } else if (control && (octet & FIN) == 0) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "a control frame is fragmented");
        } else if (opcode == ServerFrame.CONTINUATION && message == null) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "a continuation frame has no message to continue");
        } else if (!control && opcode != ServerFrame.CONTINUATION && message != null) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "a message begins inside another");
        } else {
            if (!control && opcode != ServerFrame.CONTINUATION) {
                message = new IncomingMessage(opcode == ServerFrame.TEXT, (octet & RSV1) != 0, maxMessage);
            }
            stage = AT_SECOND;
        }
    }

    private void onSecond(byte octet, Sink sink) {
        int length = octet & 0x7F;
        if ((octet & MASKED) == 0) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "a client's frame is not masked");
        } else if (isControl() && length > ServerFrame.MAX_CONTROL_PAYLOAD) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "a control frame carries more than 125 bytes");
        } else if (length < 126) {
            announced(length, sink);
        } else {
            remaining = 0;
            due = (byte) (length == 126 ? Short.BYTES : Long.BYTES);
            stage = AT_LENGTH;
        }
    }

    private void onLength(byte octet, Sink sink) {
        remaining = (remaining << 8) | (octet & 0xFF);
        if (--due > 0) {
            return;
        }
        if (remaining < 0) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "the highest bit of a length is set");
        } else {
            announced(remaining, sink);
        }
    }

    private void announced(long length, Sink sink) {
        if (!isControl() && !present().hasRoom(length)) {
            tooBig(sink);
        } else if (length == 1 && (head & 0x0F) == ServerFrame.CLOSE) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "a close frame carries half a code");
        } else {
            remaining = length;
            due = Integer.BYTES;
            stage = AT_MASK;
        }
    }

    private void onMask(byte octet, Sink sink) {
        mask = (mask << 8) | (octet & 0xFF);
        if (--due == 0) {
            stage = AT_PAYLOAD;
            if (remaining == 0) {
                frameEnd(sink);
            }
        }
    }

    private void onPayload(ByteBuffer in, Sink sink) {
        int length = (int) Math.min(in.remaining(), remaining);
        boolean all = length == remaining;
        if (isControl()) {
            if (control.length == 0) {
                control = new byte[(int) remaining];
            }
            in.get(control, controlLength, length);
            mask = Mask.undo(mask, control, controlLength, controlLength + length);
            controlLength += length;
        } else {
            IncomingMessage current = present();
            mask = current.take(in, length, mask, all && isFinal());
            if (current.isBroken()) {
                noText(sink);
                return;
            }
        }
        remaining -= length;
        if (all) {
            frameEnd(sink);
        }
    }

    private IncomingMessage present() {
        return Objects.requireNonNull(message, "a data frame belongs to a message");
    }

    private void frameEnd(Sink sink) {
        stage = AT_FIRST;
        if (isControl()) {
            byte[] payload = control;
            control = EMPTY;
            controlLength = 0;
            controlEnd(payload, sink);
        } else if (isFinal()) {
            messageEnd(sink);
        }
    }

    private void controlEnd(byte[] payload, Sink sink) {
        switch (head & 0x0F) {
            case ServerFrame.PING -> sink.onPing(payload);
            case ServerFrame.PONG -> sink.onPong(payload);
            default -> close(payload, sink);
        }
    }

    private void close(byte[] payload, Sink sink) {
        if (payload.length == 0) {
            end();
            sink.onClose(CloseCode.NO_STATUS, "");
            return;
        }
        int code = ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
        if (!CloseCode.mayBeSent(code)) {
            fault(sink, CloseCode.PROTOCOL_ERROR, "close code " + code + " may not be sent");
        } else if (Utf8Check.advance(Utf8Check.START, payload, 2, payload.length) != Utf8Check.START) {
            fault(sink, CloseCode.INVALID_PAYLOAD, "the reason of a close frame is not UTF-8");
        } else {
            end();
            sink.onClose(code, new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
        }
    }

    private void messageEnd(Sink sink) {
        IncomingMessage whole = present();
        message = null;
        try {
            whole.inflate(inflater);
        } catch (MessageInflater.TooBigException e) {
            tooBig(sink);
            return;
        } catch (MessageInflater.CorruptException e) {
            fault(sink, CloseCode.INVALID_PAYLOAD, "a compressed message cannot be inflated");
            return;
        }
        if (whole.isNoText()) {
            noText(sink);
        } else if (whole.isText()) {
            sink.onText(whole.asText());
        } else {
            sink.onBinary(whole.asBytes());
        }
    }

    private boolean isFinal() {
        return (head & FIN) != 0;
    }

    private boolean isControl() {
        return (head & CONTROL) != 0;
    }

    private void tooBig(Sink sink) {
        fault(sink, CloseCode.TOO_BIG, "a message is longer than the limit of " + maxMessage + " bytes");
    }

    private void noText(Sink sink) {
        fault(sink, CloseCode.INVALID_PAYLOAD, "a text message is not UTF-8");
    }

    private void fault(Sink sink, int code, String reason) {
        end();
        sink.onFault(code, reason);
    }
}
