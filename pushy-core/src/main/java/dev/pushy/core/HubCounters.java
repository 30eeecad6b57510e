package dev.pushy.core;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a node. Any thread. */
final class HubCounters {
    final LongAdder subscriptions = new LongAdder();
    final LongAdder matched = new LongAdder();
    final LongAdder deliveries = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder encodes = new LongAdder();
    final LongAdder wakeups = new LongAdder();
    final LongAdder dropped = new LongAdder();

    private final LongAdder latencyNanos = new LongAdder();
    private final LongAdder[] latency = adders(HubStats.LATENCY_BOUNDS_MICROS.size() + 1);
    private final Map<CloseReason, LongAdder> closes = adders(CloseReason.class);
    private final Map<Gap.Reason, LongAdder> gaps = adders(Gap.Reason.class);
    private final Map<PublishException.Outcome, LongAdder> failures = adders(PublishException.Outcome.class);
    private final LongAdder accepted = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    /** By transport, of which there is a handful. */
    private final Map<String, LongAdder> open = new ConcurrentHashMap<>();

    private final Map<String, LongAdder> opened = new ConcurrentHashMap<>();

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        for (int i = 0; i < count; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    void opened(Connection connection) {
        open.computeIfAbsent(connection.transport(), name -> new LongAdder()).increment();
        opened.computeIfAbsent(connection.transport(), name -> new LongAdder()).increment();
    }

    void closed(Connection connection, CloseReason reason) {
        open.computeIfAbsent(connection.transport(), name -> new LongAdder()).decrement();
        count(closes, reason);
    }

    void gap(Gap.Reason reason) {
        count(gaps, reason);
    }

    void accepted(Receipt receipt) {
        (receipt.duplicate() ? duplicates : accepted).increment();
    }

    void failed(PublishException.Outcome outcome) {
        count(failures, outcome);
    }

    void latency(long nanos) {
        int bucket = 0;
        long micros = nanos / 1_000;
        while (bucket < HubStats.LATENCY_BOUNDS_MICROS.size() && micros > HubStats.LATENCY_BOUNDS_MICROS.get(bucket)) {
            bucket++;
        }
        latency[bucket].increment();
        latencyNanos.add(nanos);
    }

    HubStats stats(long interests) {
        return new HubStats(
                sums(open),
                sums(opened),
                sums(CloseReason.class, closes),
                subscriptions.sum(),
                interests,
                publishes(),
                matched.sum(),
                deliveries.sum(),
                bytes.sum(),
                encodes.sum(),
                wakeups.sum(),
                dropped.sum(),
                sums(Gap.Reason.class, gaps),
                sums(latency),
                latencyNanos.sum());
    }

    private Map<String, Long> publishes() {
        Map<String, Long> results = new TreeMap<>();
        results.put("accepted", accepted.sum());
        results.put("duplicate", duplicates.sum());
        failures.forEach((outcome, adder) -> results.put(outcome.word(), adder.sum()));
        return results;
    }

    private static Map<String, Long> sums(Map<String, LongAdder> adders) {
        Map<String, Long> sums = new TreeMap<>();
        adders.forEach((name, adder) -> sums.put(name, adder.sum()));
        return sums;
    }

    private static List<Long> sums(LongAdder[] adders) {
        List<Long> sums = new ArrayList<>();
        for (LongAdder adder : adders) {
            sums.add(adder.sum());
        }
        return sums;
    }

    private static <E extends Enum<E>> Map<E, Long> sums(Class<E> keys, Map<E, LongAdder> adders) {
        Map<E, Long> sums = new EnumMap<>(keys);
        adders.forEach((key, adder) -> sums.put(key, adder.sum()));
        return sums;
    }

    /** All keys are there from the beginning, so that nobody writes to the map later. */
    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> keys) {
        Map<E, LongAdder> adders = new EnumMap<>(keys);
        for (E key : keys.getEnumConstants()) {
            adders.put(key, new LongAdder());
        }
        return adders;
    }

    private static <E> void count(Map<E, LongAdder> adders, E key) {
        LongAdder adder = adders.get(key);
        if (adder != null) {
            adder.increment();
        }
    }
}
