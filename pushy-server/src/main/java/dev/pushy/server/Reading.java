package dev.pushy.server;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A number of the server that is read at the moment of a scrape, or one for each value of a label.
 *
 * @param label what tells the numbers apart; null where there is one
 * @param values the numbers by the label's value; the empty text where there is one
 */
record Reading(
        String name, String help, boolean counter, @Nullable String label, Supplier<Map<String, Double>> values) {

    /** One that goes up and down. */
    static Reading gauge(String name, String help, DoubleSupplier value) {
        return new Reading(name, help, false, null, () -> Map.of("", value.getAsDouble()));
    }

    /** Several that go up and down. */
    static Reading gauges(String name, String help, String label, Supplier<Map<String, Double>> values) {
        return new Reading(name, help, false, label, values);
    }

    /** One that only goes up; its name gets {@code _total}. */
    static Reading counter(String name, String help, DoubleSupplier value) {
        return new Reading(name, help, true, null, () -> Map.of("", value.getAsDouble()));
    }

    MetricFamilySamples now() {
        List<String> labels = label == null ? List.of() : List.of(label);
        Map<String, Double> now = values.get();
        if (counter) {
            CounterMetricFamily family = new CounterMetricFamily(name, help, labels);
            now.forEach((of, value) -> family.addMetric(label == null ? List.of() : List.of(of), value));
            return family;
        }
        GaugeMetricFamily family = new GaugeMetricFamily(name, help, labels);
        now.forEach((of, value) -> family.addMetric(label == null ? List.of() : List.of(of), value));
        return family;
    }
}
