package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * Tells how many subscribers channels have: of small channels each time, of larger ones once in a while, and then the last
 * number. Of more channels than it has room for it tells each time. Not thread-safe.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/server_api/webhooks/">webhooks</a>: above 100 connections at most
 * every 5 seconds.
 */
final class CountPace {
    private static final int SMALL = 100;
    private static final long PACE_MILLIS = 5_000;

    private final int room;
    private final ObjIntConsumer<Channel> told;
    /** In the order of their time, since all wait equally long. */
    private final Map<Channel, Paced> paced = new LinkedHashMap<>();

    /** A channel of which something was told lately; and what came since, or a negative number. */
    private record Paced(long until, int count) {}

    CountPace(int room, ObjIntConsumer<Channel> told) {
        this.room = room;
        this.told = told;
    }

    void take(Channel channel, int count, long now) {
        settle(now);
        Paced before = paced.get(channel);
        if (count > SMALL && before != null) {
            paced.put(channel, new Paced(before.until(), count));
            return;
        }
        paced.remove(channel);
        if (count > SMALL && paced.size() < room) {
            paced.put(channel, new Paced(now + PACE_MILLIS, -1));
        }
        told.accept(channel, count);
    }

    /** Tells what is due. */
    void settle(long now) {
        while (!paced.isEmpty() && paced.values().iterator().next().until() <= now) {
            Iterator<Map.Entry<Channel, Paced>> first = paced.entrySet().iterator();
            Map.Entry<Channel, Paced> due = first.next();
            Channel channel = due.getKey();
            int count = due.getValue().count();
            first.remove();
            if (count >= 0) {
                paced.put(channel, new Paced(now + PACE_MILLIS, -1));
                told.accept(channel, count);
            }
        }
    }

    /** Tells all that waits, before its time. */
    void settleAll() {
        paced.forEach((channel, waiting) -> {
            if (waiting.count() >= 0) {
                told.accept(channel, waiting.count());
            }
        });
        paced.clear();
    }

    boolean isEmpty() {
        return paced.isEmpty();
    }
}
