package dev.pushy.undertow.transport;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Publication;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.TextFormat;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Sends every message back as it came. */
final class EchoProtocol implements ClientProtocol {

    @Override
    public TextFormat texts() {
        return new PlainTexts();
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        return new Echo(socket);
    }

    private record Echo(ClientSocket socket) implements ClientSession {
        @Override
        public void onText(String text) {
            socket.send(text);
        }

        @Override
        public void onBinary() {
            throw new AssertionError("the bytes are asked for");
        }

        @Override
        public void onBinary(byte[] message) {
            socket.connection().append(ServerFrame.binary(message), null);
            socket.connection().flush();
        }

        @Override
        public void onDrained() {}

        @Override
        public void onClosed(CloseReason reason) {}

        @Override
        public CloseCode closeCode(CloseReason reason) {
            return new CloseCode(dev.pushy.undertow.transport.CloseCode.GOING_AWAY, reason.name());
        }
    }

    /** Publications as their data, gaps as their channels. */
    static final class PlainTexts implements TextFormat {
        @Override
        public byte[] publication(Publication publication, @Nullable Cursor cursor, @Nullable Cursor since) {
            return publication.data();
        }

        @Override
        public byte @Nullable [] join(Join join) {
            return null;
        }

        @Override
        public byte @Nullable [] leave(Leave leave) {
            return null;
        }

        @Override
        public byte[] gap(Gap gap) {
            return ("gap " + gap.reason().word() + " " + String.join(",", gap.channels()))
                    .getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte @Nullable [] checkpoint(Cursor cursor) {
            return null;
        }

        @Override
        public byte @Nullable [] heartbeat(@Nullable Cursor cursor) {
            return null;
        }
    }
}
