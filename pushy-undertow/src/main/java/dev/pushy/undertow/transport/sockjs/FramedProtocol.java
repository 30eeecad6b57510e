package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.FramedFormat;

/** {@code websocket}: a protocol in frames of SockJS, as texts of a WebSocket. Thread-safe. */
final class FramedProtocol implements ClientProtocol {
    private final ClientProtocol protocol;
    private final WireFormat texts;

    FramedProtocol(ClientProtocol protocol) {
        this.protocol = protocol;
        this.texts = new FramedFormat(protocol.texts(), SockJsText::message);
    }

    @Override
    public WireFormat texts() {
        return texts;
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        FramedSession session = new FramedSession(socket);
        session.open(protocol);
        return session;
    }
}
