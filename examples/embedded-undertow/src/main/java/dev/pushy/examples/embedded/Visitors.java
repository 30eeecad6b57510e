package dev.pushy.examples.embedded;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.core.Grant;
import dev.pushy.core.PushyListener;
import java.util.concurrent.atomic.AtomicInteger;

/** How many visitors look at the shop now. */
final class Visitors implements PushyListener {
    private final AtomicInteger connected = new AtomicInteger();

    @Override
    public void onConnect(Connection connection, Grant grant) {
        connected.incrementAndGet();
    }

    @Override
    public void onDisconnect(Connection connection, Grant grant, CloseReason reason) {
        connected.decrementAndGet();
    }

    int count() {
        return connected.get();
    }
}
