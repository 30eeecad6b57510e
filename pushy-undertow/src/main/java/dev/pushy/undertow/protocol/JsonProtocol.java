package dev.pushy.undertow.protocol;

import dev.pushy.core.Pushy;
import java.util.Objects;

/** The native protocol of JSON texts, for WebSocket and whatever else carries texts. Thread-safe. */
public final class JsonProtocol implements ClientProtocol {
    private final TextFormat texts = new JsonFormat();
    private final Pushy pushy;
    private final ClientAccess access;
    private final SessionSettings settings;
    private final JsonCommands commands;

    /** The protocol for the channels of a node. */
    public JsonProtocol(Pushy pushy, ClientAccess access, SessionSettings settings) {
        this.pushy = Objects.requireNonNull(pushy, "pushy");
        this.access = Objects.requireNonNull(access, "access");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.commands = new JsonCommands(pushy);
    }

    @Override
    public TextFormat texts() {
        return texts;
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        JsonSession session = new JsonSession(this, socket);
        session.start();
        return session;
    }

    Pushy pushy() {
        return pushy;
    }

    ClientAccess access() {
        return access;
    }

    SessionSettings settings() {
        return settings;
    }

    JsonCommands commands() {
        return commands;
    }
}
