package dev.pushy.undertow.transport;

import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.ChannelPolicy;
import dev.pushy.core.Limits;
import java.time.Duration;
import java.util.Objects;

/**
 * What the transports of one handler do within which bounds.
 *
 * @param backlogBytes the most unsent bytes of one connection
 * @param clientMessageBytes the most bytes of one WebSocket message from a client, after inflation
 * @param policies tell what happens to a connection whose backlog is full
 * @param heartbeat how often an SSE stream gets a heartbeat
 * @param maxAge about how long an SSE stream lives; the client comes back with its cursor
 * @param ping how often a WebSocket is pinged; one that misses two is closed
 * @param pingsFromClient the most pings that a client may send in one such interval
 * @param linger how long a connection that the server ends may take to read the rest
 * @param deflate whether WebSockets may agree on permessage-deflate
 */
public record TransportSettings(
        int backlogBytes,
        int clientMessageBytes,
        ChannelPolicies policies,
        Duration heartbeat,
        Duration maxAge,
        Duration ping,
        int pingsFromClient,
        Duration linger,
        boolean deflate) {

    /** What holds unless something else is asked for. */
    public static final TransportSettings DEFAULT = of(Limits.DEFAULT, ChannelPolicies.all(ChannelPolicy.DEFAULT));

    /** Checks the values. */
    public TransportSettings {
        Objects.requireNonNull(policies, "policies");
        requireRange("backlogBytes", backlogBytes, 1_024, 1 << 30);
        requireRange("clientMessageBytes", clientMessageBytes, 125, 1 << 30);
        requireRange("heartbeat in ms", heartbeat.toMillis(), 100, 3_600_000);
        requireRange("maxAge in ms", maxAge.toMillis(), 100, 30L * 24 * 3_600_000);
        requireRange("ping in ms", ping.toMillis(), 100, 3_600_000);
        requireRange("pingsFromClient", pingsFromClient, 1, 30_000);
        requireRange("linger in ms", linger.toMillis(), 0, 60_000);
    }

    private static void requireRange(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " is " + value + ", it must be " + least + " to " + most);
        }
    }

    /** The defaults within the bounds of a node. */
    public static TransportSettings of(Limits limits, ChannelPolicies policies) {
        return new TransportSettings(
                limits.backlogBytes(),
                limits.clientMessageBytes(),
                policies,
                Duration.ofSeconds(15),
                Duration.ofHours(6),
                Duration.ofSeconds(25),
                250,
                Duration.ofSeconds(5),
                false);
    }

    /** The same with other times for SSE streams. */
    public TransportSettings withStreams(Duration heartbeat, Duration maxAge) {
        return new TransportSettings(
                backlogBytes, clientMessageBytes, policies, heartbeat, maxAge, ping, pingsFromClient, linger, deflate);
    }

    /** The same with another rhythm and bound of pings. */
    public TransportSettings withPings(Duration ping, int fromClient) {
        return new TransportSettings(
                backlogBytes, clientMessageBytes, policies, heartbeat, maxAge, ping, fromClient, linger, deflate);
    }

    /** The same with other bounds in bytes. */
    public TransportSettings withBytes(int backlog, int clientMessage) {
        return new TransportSettings(
                backlog, clientMessage, policies, heartbeat, maxAge, ping, pingsFromClient, linger, deflate);
    }

    /** The same with another time for the end of a connection. */
    public TransportSettings withLinger(Duration time) {
        return new TransportSettings(
                backlogBytes, clientMessageBytes, policies, heartbeat, maxAge, ping, pingsFromClient, time, deflate);
    }

    /** The same with permessage-deflate on or off. */
    public TransportSettings withDeflate(boolean on) {
        return new TransportSettings(
                backlogBytes, clientMessageBytes, policies, heartbeat, maxAge, ping, pingsFromClient, linger, on);
    }
}
