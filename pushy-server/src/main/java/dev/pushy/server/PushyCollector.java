package dev.pushy.server;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Gap;
import dev.pushy.core.HubStats;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The node's counters as Prometheus metrics, read at the moment of a scrape: nothing is counted twice. */
final class PushyCollector extends Collector {
    private final Supplier<HubStats> stats;
    private final Supplier<Boolean> ready;
    private final List<Reading> readings;

    /**
     * Collects from here.
     *
     * @param stats what the node counts
     * @param ready whether it should get clients
     * @param readings what else there is to tell
     */
    PushyCollector(Supplier<HubStats> stats, Supplier<Boolean> ready, List<Reading> readings) {
        this.stats = stats;
        this.ready = ready;
        this.readings = List.copyOf(readings);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        HubStats now = stats.get();
        List<MetricFamilySamples> families = new ArrayList<>();
        families.add(gauge("pushy_ready", "1 while the node should get clients.", ready.get() ? 1 : 0));
        families.add(gauges("pushy_connections", "Open connections by transport.", "transport", now.connections()));
        families.add(counters(
                "pushy_connections_opened", "Connections so far by transport.", "transport", now.connectionsOpened()));
        CounterMetricFamily closes = family("pushy_connections_closed", "Ended connections by reason.", "reason");
        for (CloseReason reason : CloseReason.values()) {
            closes.addMetric(List.of(word(reason)), now.closes().getOrDefault(reason, 0L));
        }
        families.add(closes);
        families.add(gauge("pushy_subscriptions", "Live subscriptions.", now.subscriptions()));
        families.add(gauge("pushy_interests", "Channels and patterns the node listens to.", now.interests()));
        families.add(counters("pushy_publishes", "Publishes on this node by result.", "result", now.publishes()));
        families.add(counter("pushy_publications_matched", "Publications with a subscriber here.", now.matched()));
        families.add(counter("pushy_deliveries", "Publications handed to connections.", now.deliveries()));
        families.add(counter("pushy_sent_bytes", "Bytes written to connections.", now.bytes()));
        families.add(counter("pushy_encodes", "Publications encoded, once for each wire format.", now.encodes()));
        families.add(counter("pushy_loop_wakeups", "Event loops woken to deliver.", now.wakeups()));
        families.add(counter("pushy_dropped", "Publications given up for slow consumers.", now.dropped()));
        CounterMetricFamily gaps = family("pushy_gaps", "Gaps told to connections by reason.", "reason");
        for (Gap.Reason reason : Gap.Reason.values()) {
            gaps.addMetric(List.of(word(reason)), now.gaps().getOrDefault(reason, 0L));
        }
        families.add(gaps);
        families.add(latency(now));
        readings.forEach(reading -> families.add(reading.now()));
        return families;
    }

    /** Publish to write, in seconds; Prometheus wants each bucket to hold all that is below its bound. */
    private static MetricFamilySamples latency(HubStats now) {
        String name = "pushy_publish_to_write_seconds";
        List<MetricFamilySamples.Sample> samples = new ArrayList<>();
        long below = 0;
        for (int i = 0; i < now.latency().size(); i++) {
            below += now.latency().get(i);
            String bound = i < HubStats.LATENCY_BOUNDS_MICROS.size()
                    ? doubleToGoString(HubStats.LATENCY_BOUNDS_MICROS.get(i) / 1e6)
                    : "+Inf";
            samples.add(new MetricFamilySamples.Sample(name + "_bucket", List.of("le"), List.of(bound), below));
        }
        samples.add(new MetricFamilySamples.Sample(name + "_count", List.of(), List.of(), below));
        samples.add(new MetricFamilySamples.Sample(name + "_sum", List.of(), List.of(), now.latencyNanos() / 1e9));
        return new MetricFamilySamples(name, Type.HISTOGRAM, "From publish to the write to sockets.", samples);
    }

    private static MetricFamilySamples gauge(String name, String help, long value) {
        return new GaugeMetricFamily(name, help, (double) value);
    }

    private static MetricFamilySamples gauges(String name, String help, String label, Map<String, Long> values) {
        GaugeMetricFamily family = new GaugeMetricFamily(name, help, List.of(label));
        values.forEach((of, value) -> family.addMetric(List.of(of), value));
        return family;
    }

    private static MetricFamilySamples counter(String name, String help, long value) {
        return new CounterMetricFamily(name, help, (double) value);
    }

    private static MetricFamilySamples counters(String name, String help, String label, Map<String, Long> values) {
        CounterMetricFamily family = family(name, help, label);
        values.forEach((of, value) -> family.addMetric(List.of(of), value));
        return family;
    }

    private static CounterMetricFamily family(String name, String help, String label) {
        return new CounterMetricFamily(name, help, List.of(label));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
