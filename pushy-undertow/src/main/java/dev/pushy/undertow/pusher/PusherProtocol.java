package dev.pushy.undertow.pusher;

import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import dev.pushy.undertow.protocol.SessionSettings;
import dev.pushy.undertow.protocol.TextFormat;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The <a href="https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/">protocol of Pusher
 * Channels</a> on the channels of a node, versions 4 to 7, for WebSocket and whatever else carries texts. Thread-safe.
 */
public final class PusherProtocol implements ClientProtocol {
    private final Map<ClientLibrary, TextFormat> formats = new EnumMap<>(ClientLibrary.class);
    private final Pushy pushy;
    private final PusherSettings settings;
    private final SessionSettings sessions;
    private final AppConnections connections = new AppConnections();
    private final PusherEvents events;
    private final SubscriptionCounts counts;

    /** The protocol for the channels of a node. */
    public PusherProtocol(Pushy pushy, PusherSettings settings, SessionSettings sessions) {
        this.pushy = Objects.requireNonNull(pushy, "pushy");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.sessions = Objects.requireNonNull(sessions, "sessions");
        this.events = new PusherEvents(settings.listener());
        this.counts = new SubscriptionCounts(pushy, events, sessions.clock());
        for (ClientLibrary library : ClientLibrary.values()) {
            formats.put(library, new PusherFormat(library));
        }
    }

    @Override
    public TextFormat texts() {
        return format(ClientLibrary.OTHER);
    }

    @Override
    public TextFormat texts(ClientRequest request) {
        return format(PusherHandshake.library(request));
    }

    private TextFormat format(ClientLibrary library) {
        return Objects.requireNonNull(formats.get(library), "every library has a format");
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        PusherSession session = new PusherSession(this, socket);
        session.start();
        return session;
    }

    Pushy pushy() {
        return pushy;
    }

    PusherSettings settings() {
        return settings;
    }

    SessionSettings sessions() {
        return sessions;
    }

    AppConnections connections() {
        return connections;
    }

    PusherEvents events() {
        return events;
    }

    SubscriptionCounts counts() {
        return counts;
    }
}
