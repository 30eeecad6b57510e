package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.TextFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** {@code websocket}: a protocol in frames of SockJS, as texts of a WebSocket. Thread-safe. */
final class FramedProtocol implements ClientProtocol {
    private final ClientProtocol protocol;
    /** Few, as the protocol has few kinds of texts. */
    private final Map<TextFormat, TextFormat> framed = new ConcurrentHashMap<>();

    FramedProtocol(ClientProtocol protocol) {
        this.protocol = protocol;
    }

    @Override
    public TextFormat texts() {
        return framed(protocol.texts());
    }

    @Override
    public TextFormat texts(ClientRequest request) {
        return framed(protocol.texts(request));
    }

    private TextFormat framed(TextFormat texts) {
        return framed.computeIfAbsent(texts, FramedTexts::new);
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        FramedSession session = new FramedSession(socket);
        session.open(protocol);
        return session;
    }
}
