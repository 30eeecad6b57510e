package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AppConnectionsTest {
    private static PusherApp app(String id, int connections) {
        AppLimits limits = AppLimits.DEFAULT;
        return PusherApp.builder(id)
                .key("key-" + id, "secret")
                .limits(new AppLimits(
                        connections,
                        limits.dataBytes(),
                        limits.channelLength(),
                        limits.eventLength(),
                        limits.channelsPerEvent(),
                        limits.eventsPerBatch(),
                        limits.presenceMembers(),
                        limits.memberIdLength(),
                        limits.memberBytes(),
                        limits.watchlist(),
                        limits.clientEvents(),
                        limits.activityTimeout(),
                        limits.cacheLife()))
                .build();
    }

    @Test
    void open_upToTheLimitOfEachApp_thenOneForEachThatLeaves() {
        AppConnections connections = new AppConnections();
        PusherApp two = app("1", 2);
        PusherApp other = app("2", 1);
        assertTrue(connections.open(two));
        assertTrue(connections.open(two));
        assertFalse(connections.open(two));
        assertTrue(connections.open(other));
        connections.close(two);
        assertTrue(connections.open(two));
        assertFalse(connections.open(two));
        connections.close(two);
        connections.close(two);
        connections.close(two);
        assertTrue(connections.open(two));
        assertTrue(connections.open(two));
    }

    @Test
    void open_withoutALimit_isAlwaysPossible() {
        AppConnections connections = new AppConnections();
        PusherApp free = app("1", 0);
        for (int i = 0; i < 1_000; i++) {
            assertTrue(connections.open(free));
        }
    }
}
