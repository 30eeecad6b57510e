package dev.pushy.redis;

import java.util.List;

/**
 * What the connections to Redis did, and how they stand. The numbers only grow.
 *
 * @param calls calls that were answered
 * @param exchanges round trips, each with one or more calls
 * @param exchangeNanos how long those took together, nanoseconds
 * @param overloads calls that were refused because too many waited
 * @param lanesBroken connections for calls that broke
 * @param linksBroken connections for messages that broke
 * @param canariesSent messages to itself by which the node proves that it hears
 * @param canariesMissed those that Redis took and the node did not hear in time
 * @param received messages that came on the links
 * @param receivedBytes their bytes
 * @param connected for each partition whether the node hears it
 */
public record BackplaneStats(
        long calls,
        long exchanges,
        long exchangeNanos,
        long overloads,
        long lanesBroken,
        long linksBroken,
        long canariesSent,
        long canariesMissed,
        long received,
        long receivedBytes,
        List<Boolean> connected) {
    /** Copies the list. */
    public BackplaneStats {
        connected = List.copyOf(connected);
    }
}
