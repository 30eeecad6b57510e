package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The cache channels whose emptiness was told, so that it is told once as long as they stay empty. A channel that another
 * node fills is forgotten after the life of its last event, before which it cannot be empty again. Of too many channels the
 * one that was told first is forgotten, and may be told again. Not thread-safe.
 */
final class CacheMisses {
    private final int room;
    private final Map<Channel, Long> until = new LinkedHashMap<>();

    CacheMisses(int room) {
        this.room = room;
    }

    /** Whether this miss is to be told. */
    boolean isNew(Channel channel, Duration life, long now) {
        Long known = until.get(channel);
        if (known != null && known > now) {
            return false;
        }
        until.remove(channel);
        if (until.size() >= room) {
            until.remove(until.keySet().iterator().next());
        }
        until.put(channel, now + life.toMillis());
        return true;
    }

    /** The channel is not empty any more. */
    void filled(Channel channel) {
        until.remove(channel);
    }

    boolean isEmpty() {
        return until.isEmpty();
    }
}
