package dev.pushy.undertow.transport;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.HttpUpgradeListener;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;

/**
 * What happens when Undertow hands a connection over. Undertow keeps its listener as long as the connection lives, so this
 * one lets go of what it was made with as soon as it was called: the request, the token in it.
 */
final class Handover implements HttpUpgradeListener {
    private @Nullable Consumer<StreamConnection> then;

    Handover(Consumer<StreamConnection> then) {
        this.then = then;
    }

    @Override
    public void handleUpgrade(StreamConnection connection, HttpServerExchange exchange) {
        Consumer<StreamConnection> once = then;
        then = null;
        if (once != null) {
            once.accept(connection);
        }
    }
}
