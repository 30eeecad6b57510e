package dev.pushy.server;

import dev.pushy.core.Pushy;
import dev.pushy.redis.BackplaneStats;
import dev.pushy.redis.PresenceStats;
import dev.pushy.redis.RedisBackplane;
import dev.pushy.redis.RedisConfig;
import dev.pushy.redis.RedisPresenceStore;
import dev.pushy.undertow.PushyHandler;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What the server has of Redis: the broker and the presence store that join it with the other nodes. Both end with the
 * node, the members first; a Redis that is away holds up neither start nor end.
 */
final class RedisPart {
    private static final System.Logger LOG = System.getLogger(RedisPart.class.getName());
    private static final double NANOS = 1e9;

    private final RedisBackplane backplane;
    private final RedisPresenceStore presence;

    /** Not connected yet. */
    RedisPart(RedisConfig config) {
        LOG.log(Level.INFO, "Nodes are joined through Redis: {0}", config);
        backplane = RedisBackplane.create(config);
        presence = backplane.presence();
    }

    /** Joins the node with the others. */
    void addTo(Pushy.Builder node) {
        node.broker(backplane.broker()).presence(presence);
    }

    /** Lets the others say where a session is. */
    void addTo(PushyHandler.Builder handler) {
        handler.sessions(backplane.sessions());
    }

    /** What metrics tell of it. */
    List<Reading> readings() {
        List<Reading> readings = new ArrayList<>();
        addPaths(readings);
        addTraffic(readings);
        addPresence(readings);
        return readings;
    }

    private void addPaths(List<Reading> readings) {
        readings.add(Reading.gauge(
                "pushy_redis_publishing",
                "1 while Redis takes messages.",
                () -> backplane.broker().health().publishing() ? 1 : 0));
        readings.add(Reading.gauge(
                "pushy_redis_receiving",
                "1 while the node hears all its channels.",
                () -> backplane.broker().health().receiving() ? 1 : 0));
        readings.add(Reading.gauges(
                "pushy_redis_connected",
                "1 while the node hears the partition.",
                "partition",
                () -> connected(backplane.stats().connected())));
    }

    private static Map<String, Double> connected(List<Boolean> partitions) {
        Map<String, Double> values = new TreeMap<>();
        for (int p = 0; p < partitions.size(); p++) {
            values.put(Integer.toString(p), partitions.get(p) ? 1.0 : 0.0);
        }
        return values;
    }

    private void addTraffic(List<Reading> readings) {
        readings.add(counter(
                "pushy_redis_canaries_sent",
                "Messages to itself by which the node proves that it hears.",
                BackplaneStats::canariesSent));
        readings.add(counter(
                "pushy_redis_canaries_missed",
                "Those that Redis took and the node did not hear.",
                BackplaneStats::canariesMissed));
        readings.add(counter(
                "pushy_redis_links_broken", "Connections lost on which the node hears.", BackplaneStats::linksBroken));
        readings.add(counter(
                "pushy_redis_lanes_broken",
                "Connections lost on which it publishes and asks.",
                BackplaneStats::lanesBroken));
        readings.add(counter("pushy_redis_calls", "Calls that Redis answered.", BackplaneStats::calls));
        readings.add(counter(
                "pushy_redis_exchanges", "Round trips, each with the calls that waited.", BackplaneStats::exchanges));
        readings.add(counter(
                "pushy_redis_exchange_seconds", "Time that those took.", stats -> stats.exchangeNanos() / NANOS));
        readings.add(
                counter("pushy_redis_overloads", "Calls refused because too many waited.", BackplaneStats::overloads));
        readings.add(counter("pushy_redis_received", "Messages heard.", BackplaneStats::received));
        readings.add(counter("pushy_redis_received_bytes", "Their bytes.", BackplaneStats::receivedBytes));
    }

    private void addPresence(List<Reading> readings) {
        readings.add(told("pushy_presence_renewals", "Leases taken or renewed.", PresenceStats::renewals));
        readings.add(
                told("pushy_presence_fenced", "How often the node had been taken for dead.", PresenceStats::fenced));
        readings.add(told(
                "pushy_presence_forgotten",
                "How often Redis had lost what the node had told.",
                PresenceStats::forgotten));
        readings.add(told(
                "pushy_presence_reaped", "Entries of ended nodes that this one took back.", PresenceStats::reaped));
        readings.add(told(
                "pushy_presence_transitions",
                "Joins, leaves, occupied and vacated that this node told webhooks of.",
                PresenceStats::told));
        readings.add(Reading.gauge(
                "pushy_presence_entries",
                "Members and occupied channels of this node.",
                () -> presence.stats().entries()));
        readings.add(Reading.gauge(
                "pushy_presence_outbox",
                "Transitions that wait, where this node tells them.",
                () -> presence.stats().outbox()));
    }

    private Reading counter(String name, String help, ToDoubleFunction<BackplaneStats> number) {
        return Reading.counter(name, help, () -> number.applyAsDouble(backplane.stats()));
    }

    private Reading told(String name, String help, ToDoubleFunction<PresenceStats> number) {
        return Reading.counter(name, help, () -> number.applyAsDouble(presence.stats()));
    }
}
