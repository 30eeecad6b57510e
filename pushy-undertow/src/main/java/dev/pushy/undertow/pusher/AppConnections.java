package dev.pushy.undertow.pusher;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How many connections each app has on this node. As many entries as there are apps with connections. Thread-safe. */
final class AppConnections {
    private final ConcurrentMap<String, Integer> counts = new ConcurrentHashMap<>();

    /** Counts one more, unless the app has as many as it may. */
    boolean open(PusherApp app) {
        int most = app.limits().connections();
        boolean[] opened = {false};
        counts.compute(app.id(), (id, count) -> {
            int present = count == null ? 0 : count;
            opened[0] = most == 0 || present < most;
            return opened[0] ? Integer.valueOf(present + 1) : count;
        });
        return opened[0];
    }

    /** Counts one less. */
    void close(PusherApp app) {
        counts.computeIfPresent(app.id(), (id, count) -> count == 1 ? null : count - 1);
    }
}
