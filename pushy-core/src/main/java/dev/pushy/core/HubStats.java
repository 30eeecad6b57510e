package dev.pushy.core;

import java.util.List;
import java.util.Map;

/**
 * What a node has done so far, at one moment. Counters only grow; they begin at 0 with the process.
 *
 * @param connections open connections by transport
 * @param connectionsOpened all connections so far by transport
 * @param closes ended connections by reason
 * @param subscriptions live subscriptions
 * @param interests channels and patterns that the node is interested in
 * @param publishes publishes on this node by result: accepted, duplicate, or a {@link PublishException.Outcome}
 * @param matched publications that had a subscriber on this node
 * @param deliveries frames of publications handed to connections
 * @param bytes bytes written to sockets
 * @param encodes frames of publications that were encoded
 * @param wakeups how often a loop was woken for events
 * @param dropped publications given up for slow consumers
 * @param gaps gaps told to connections by reason
 * @param latency publish to write, histogram: count of publications per loop up to each bound
 * @param latencyNanos sum of these latencies, nanoseconds
 */
public record HubStats(
        Map<String, Long> connections,
        Map<String, Long> connectionsOpened,
        Map<CloseReason, Long> closes,
        long subscriptions,
        long interests,
        Map<String, Long> publishes,
        long matched,
        long deliveries,
        long bytes,
        long encodes,
        long wakeups,
        long dropped,
        Map<Gap.Reason, Long> gaps,
        List<Long> latency,
        long latencyNanos) {

    /** Upper bounds of the latency histogram, microseconds; one more bucket holds what is above the last. */
    public static final List<Long> LATENCY_BOUNDS_MICROS = List.of(
            100L,
            250L,
            500L,
            1_000L,
            2_500L,
            5_000L,
            10_000L,
            25_000L,
            50_000L,
            100_000L,
            250_000L,
            500_000L,
            1_000_000L);
}
