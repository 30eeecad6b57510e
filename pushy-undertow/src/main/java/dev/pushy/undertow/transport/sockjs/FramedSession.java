package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.protocol.TextArray;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A session of SockJS over one WebSocket: what stands between the WebSocket and the session of the protocol. */
final class FramedSession implements ClientSession, ClientSocket {
    private final ClientSocket socket;
    private @Nullable ClientSession session;
    private boolean closed;

    FramedSession(ClientSocket socket) {
        this.socket = socket;
    }

    void open(ClientProtocol protocol) {
        sendFrame(SockJsText.OPEN);
        session = protocol.open(this);
    }

    private void sendFrame(byte[] frame) {
        socket.send(new String(frame, StandardCharsets.UTF_8));
    }

    @Override
    public Connection connection() {
        return socket.connection();
    }

    @Override
    public ClientRequest request() {
        return socket.request();
    }

    @Override
    public void forgetRequest() {
        socket.forgetRequest();
    }

    @Override
    public void send(String text) {
        sendFrame(SockJsText.message(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close(CloseCode code, CloseReason reason) {
        if (!closed) {
            closed = true;
            sendFrame(SockJsText.close(code.code(), code.text()));
            socket.close(code, reason);
        }
    }

    @Override
    public void suspendReads() {
        socket.suspendReads();
    }

    @Override
    public void resumeReads() {
        socket.resumeReads();
    }

    @Override
    public void onText(String text) {
        if (text.isEmpty() || closed || session == null) {
            return;
        }
        List<String> messages;
        try {
            messages = TextArray.read(text);
        } catch (RequestException e) {
            close(new CloseCode(1002, "Broken framing."), CloseReason.BAD_REQUEST);
            return;
        }
        for (String message : messages) {
            if (!closed) {
                session.onText(message);
            }
        }
    }

    @Override
    public void onBinary() {
        close(new CloseCode(1003, "Text messages only."), CloseReason.BAD_REQUEST);
    }

    @Override
    public void onHeartbeat() {
        if (session != null && !closed) {
            sendFrame(SockJsText.HEARTBEAT);
            session.onHeartbeat();
        }
    }

    @Override
    public void onDrained() {
        if (session != null) {
            session.onDrained();
        }
    }

    @Override
    public void onClosing(CloseReason reason) {
        if (session != null && !closed) {
            session.onClosing(reason);
            CloseCode code = session.closeCode(reason);
            sendFrame(SockJsText.close(code.code(), code.text()));
        }
        closed = true;
    }

    @Override
    public void onClosed(CloseReason reason) {
        closed = true;
        if (session != null) {
            session.onClosed(reason);
        }
    }

    @Override
    public CloseCode closeCode(CloseReason reason) {
        return session != null ? session.closeCode(reason) : new CloseCode(1011, "");
    }
}
