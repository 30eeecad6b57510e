package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Gap;
import dev.pushy.core.HubStats;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsHandlerTest {
    private static final String TOKEN = "a-token-for-the-scraper";

    @Test
    void metrics_ofTheNode_areThoseOfItsCounters() throws Exception {
        try (Loopback server =
                new Loopback(new MetricsHandler(new PushyCollector(() -> stats(), () -> true, List.of()), null))) {
            HttpResponse<String> answer = server.send("GET", "/metrics");

            assertEquals(200, answer.statusCode());
            assertTrue(answer.headers().firstValue("Content-Type").orElseThrow().startsWith("text/plain"));
            List<String> lines = answer.body().lines().toList();
            for (String line : List.of(
                    "pushy_ready 1.0",
                    "pushy_connections{transport=\"sse\",} 3.0",
                    "pushy_connections{transport=\"websocket\",} 4.0",
                    "pushy_connections_opened_total{transport=\"sse\",} 30.0",
                    "pushy_connections_closed_total{reason=\"slow_consumer\",} 5.0",
                    "pushy_connections_closed_total{reason=\"drain\",} 0.0",
                    "pushy_subscriptions 6.0",
                    "pushy_interests 7.0",
                    "pushy_publishes_total{result=\"accepted\",} 8.0",
                    "pushy_publications_matched_total 9.0",
                    "pushy_deliveries_total 10.0",
                    "pushy_sent_bytes_total 11.0",
                    "pushy_encodes_total 12.0",
                    "pushy_loop_wakeups_total 13.0",
                    "pushy_dropped_total 14.0",
                    "pushy_gaps_total{reason=\"overflow\",} 15.0",
                    "pushy_publish_to_write_seconds_bucket{le=\"1.0E-4\",} 1.0",
                    "pushy_publish_to_write_seconds_bucket{le=\"2.5E-4\",} 3.0",
                    "pushy_publish_to_write_seconds_bucket{le=\"+Inf\",} 6.0",
                    "pushy_publish_to_write_seconds_count 6.0",
                    "pushy_publish_to_write_seconds_sum 2.5")) {
                assertTrue(lines.contains(line), () -> line + " is not in:\n" + answer.body());
            }
            assertTrue(answer.body().contains("jvm_memory_bytes_used"), "the JVM's own metrics are missing");
        }
    }

    @Test
    void metrics_openMetricsScraper_getsItsFormat() throws Exception {
        try (Loopback server =
                new Loopback(new MetricsHandler(new PushyCollector(() -> stats(), () -> true, List.of()), null))) {
            HttpResponse<String> answer =
                    server.send("GET", "/metrics", "Accept", "application/openmetrics-text; version=1.0.0");

            assertTrue(answer.headers()
                    .firstValue("Content-Type")
                    .orElseThrow()
                    .startsWith("application/openmetrics-text"));
            assertTrue(answer.body().endsWith("# EOF\n"), answer.body());
        }
    }

    @Test
    void metrics_withTheToken_areGiven() throws Exception {
        try (Loopback server = guarded()) {
            assertEquals(
                    200,
                    server.send("GET", "/metrics", "Authorization", "Bearer " + TOKEN)
                            .statusCode());
            assertEquals(
                    200,
                    server.send("GET", "/metrics", "Authorization", "bearer " + TOKEN)
                            .statusCode());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Bearer", "Bearer ", "Bearer a-token-for-the-scrape", "Basic a-token-for-the-scraper", TOKEN})
    void metrics_withAnythingElse_areRefused(String authorization) throws Exception {
        try (Loopback server = guarded()) {
            HttpResponse<String> answer = server.send("GET", "/metrics", "Authorization", authorization);

            assertEquals(401, answer.statusCode());
            assertEquals(
                    "Bearer realm=\"metrics\"",
                    answer.headers().firstValue("WWW-Authenticate").orElseThrow());
            assertEquals("", answer.body());
        }
    }

    @Test
    void metrics_withoutAnything_areRefused() throws Exception {
        try (Loopback server = guarded()) {
            assertEquals(401, server.send("GET", "/metrics").statusCode());
        }
    }

    @Test
    void metrics_post_isRefused() throws Exception {
        try (Loopback server = guarded()) {
            assertEquals(405, server.send("POST", "/metrics").statusCode());
        }
    }

    private static Loopback guarded() {
        return new Loopback(
                new MetricsHandler(new PushyCollector(() -> stats(), () -> true, List.of()), new Secret(TOKEN)));
    }

    private static HubStats stats() {
        List<Long> latency = new ArrayList<>(List.of(1L, 2L));
        while (latency.size() < HubStats.LATENCY_BOUNDS_MICROS.size()) {
            latency.add(0L);
        }
        latency.add(3L);
        return new HubStats(
                Map.of("sse", 3L, "websocket", 4L),
                Map.of("sse", 30L),
                Map.of(CloseReason.SLOW_CONSUMER, 5L),
                6,
                7,
                Map.of("accepted", 8L),
                9,
                10,
                11,
                12,
                13,
                14,
                Map.of(Gap.Reason.OVERFLOW, 15L),
                latency,
                2_500_000_000L);
    }
}
