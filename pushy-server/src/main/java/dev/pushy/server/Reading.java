package dev.pushy.server;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.function.LongSupplier;

/** A number of the server that is read at the moment of a scrape. */
record Reading(String name, String help, boolean counter, LongSupplier value) {

    /** One that goes up and down. */
    static Reading gauge(String name, String help, LongSupplier value) {
        return new Reading(name, help, false, value);
    }

    /** One that only goes up; its name gets {@code _total}. */
    static Reading counter(String name, String help, LongSupplier value) {
        return new Reading(name, help, true, value);
    }

    MetricFamilySamples now() {
        double now = value.getAsLong();
        return counter ? new CounterMetricFamily(name, help, now) : new GaugeMetricFamily(name, help, now);
    }
}
