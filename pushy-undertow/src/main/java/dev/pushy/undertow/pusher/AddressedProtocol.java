package dev.pushy.undertow.pusher;

import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.TextFormat;
import java.time.Duration;
import java.util.Objects;

/**
 * The Pusher protocol for clients that connect without a key: they say in their first text what others say in their address,
 * as in {@code {"path":"/app/KEY?protocol=7&client=js&version=8.6.0"}}. So does pusher-js over SockJS (source: its
 * {@code runtimes/web/transports/transports.ts}). Thread-safe.
 */
public final class AddressedProtocol implements ClientProtocol {
    private final ClientProtocol protocol;
    private final Duration patience;

    /**
     * A protocol behind an address.
     *
     * @param patience how long a client may take to send it
     */
    public AddressedProtocol(ClientProtocol protocol, Duration patience) {
        this.protocol = Objects.requireNonNull(protocol, "protocol");
        this.patience = Objects.requireNonNull(patience, "patience");
    }

    @Override
    public TextFormat texts() {
        return protocol.texts();
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        AddressedSession session = new AddressedSession(protocol, socket);
        session.start(patience);
        return session;
    }
}
