package dev.pushy.undertow.transport.sockjs;

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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A protocol that does what a test says when a session opens and when a text comes. */
final class ScriptedProtocol implements ClientProtocol {
    /** Every session that was opened and not yet taken by the test. */
    final BlockingQueue<Session> sessions = new LinkedBlockingQueue<>();

    private final TextFormat texts = new DataTexts();
    private final Consumer<ClientSocket> onOpen;
    private final BiConsumer<ClientSocket, String> onText;

    ScriptedProtocol(Consumer<ClientSocket> onOpen, BiConsumer<ClientSocket, String> onText) {
        this.onOpen = onOpen;
        this.onText = onText;
    }

    /** Sends every text back. */
    static ScriptedProtocol echo() {
        return new ScriptedProtocol(socket -> {}, ClientSocket::send);
    }

    /** Ends every session as soon as it opens. */
    static ScriptedProtocol close() {
        return new ScriptedProtocol(
                socket -> socket.close(new ClientSession.CloseCode(3000, "Go away!"), CloseReason.FORBIDDEN),
                (socket, text) -> {});
    }

    /** Answers the number n with 2 to the power of n letters. */
    static ScriptedProtocol amplify() {
        return new ScriptedProtocol(socket -> {}, (socket, text) -> {
            int power = text.matches("[0-9]{1,2}") ? Math.min(Integer.parseInt(text), 19) : 1;
            socket.send("x".repeat(1 << power));
        });
    }

    @Override
    public TextFormat texts() {
        return texts;
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        Session session = new Session(socket);
        sessions.add(session);
        onOpen.accept(socket);
        return session;
    }

    /** A session, with what it heard. */
    final class Session implements ClientSession {
        final ClientSocket socket;
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

        Session(ClientSocket socket) {
            this.socket = socket;
        }

        @Override
        public void onText(String text) {
            heard.add(text);
            onText.accept(socket, text);
        }

        @Override
        public void onBinary() {
            heard.add("(binary)");
        }

        @Override
        public void onHeartbeat() {
            heard.add("(heartbeat)");
        }

        @Override
        public void onDrained() {
            heard.add("(drained)");
        }

        @Override
        public void onClosing(CloseReason reason) {
            if (reason == CloseReason.FORBIDDEN) {
                socket.send("last words");
            }
        }

        @Override
        public void onClosed(CloseReason reason) {
            heard.add("(closed " + reason + ")");
        }

        @Override
        public CloseCode closeCode(CloseReason reason) {
            return new CloseCode(4000, reason.name());
        }
    }

    /** Publications as their data. */
    private static final class DataTexts implements TextFormat {
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
            return ("gap " + String.join(",", gap.channels())).getBytes(StandardCharsets.UTF_8);
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
