package dev.pushy.undertow.pusher;

import java.time.Duration;

/**
 * What clients and callers of one app may do. The defaults are those of the hosted service, where it has any.
 *
 * @param connections the most open connections on one node; 0: no limit
 * @param dataBytes the most bytes of an event's data
 * @param channelLength the most characters of a channel's name
 * @param eventLength the most characters of an event's name
 * @param channelsPerEvent the most channels that one event is triggered on
 * @param eventsPerBatch the most events of one batch
 * @param presenceMembers the most members of a presence channel
 * @param memberIdLength the most characters of a member's id
 * @param memberBytes the most bytes of what is told of a member
 * @param watchlist the most users that one user watches
 * @param clientEvents the most events that one connection sends in a second
 * @param activityTimeout how long a connection may be silent before it is pinged
 * @param cacheLife how long the last event of a cache channel is kept
 */
public record AppLimits(
        int connections,
        int dataBytes,
        int channelLength,
        int eventLength,
        int channelsPerEvent,
        int eventsPerBatch,
        int presenceMembers,
        int memberIdLength,
        int memberBytes,
        int watchlist,
        int clientEvents,
        Duration activityTimeout,
        Duration cacheLife) {

    private static final Duration LONGEST_SILENCE = Duration.ofDays(1);

    /** No limit of connections, 10,240 bytes of data, 100 members, and so on. */
    public static final AppLimits DEFAULT = new AppLimits(
            0, 10_240, 200, 200, 100, 10, 100, 128, 1_024, 100, 10, Duration.ofMinutes(2), Duration.ofMinutes(30));

    /** Checks the values. */
    public AppLimits {
        requireAtLeast("connections", connections, 0);
        requireAtLeast("dataBytes", dataBytes, 1);
        requireAtLeast("channelLength", channelLength, 1);
        requireAtLeast("eventLength", eventLength, 1);
        requireAtLeast("channelsPerEvent", channelsPerEvent, 1);
        requireAtLeast("eventsPerBatch", eventsPerBatch, 1);
        requireAtLeast("presenceMembers", presenceMembers, 1);
        requireAtLeast("memberIdLength", memberIdLength, 1);
        requireAtLeast("memberBytes", memberBytes, 1);
        requireAtLeast("watchlist", watchlist, 0);
        requireAtLeast("clientEvents", clientEvents, 0);
        requireAtLeast("cacheLife in ms", cacheLife.toMillis(), 0);
        requireAtLeast("activityTimeout in ms", activityTimeout.toMillis(), 1);
        if (activityTimeout.compareTo(LONGEST_SILENCE) > 0) {
            throw new IllegalArgumentException(
                    "activityTimeout is " + activityTimeout + ", it must be at most " + LONGEST_SILENCE);
        }
    }

    /** The same with another limit of connections. */
    public AppLimits withConnections(int most) {
        return new AppLimits(
                most,
                dataBytes,
                channelLength,
                eventLength,
                channelsPerEvent,
                eventsPerBatch,
                presenceMembers,
                memberIdLength,
                memberBytes,
                watchlist,
                clientEvents,
                activityTimeout,
                cacheLife);
    }

    private static void requireAtLeast(String what, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(what + " is " + value + ", it must be at least " + least);
        }
    }
}
