package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pushy.core.Broker.Health;
import dev.pushy.server.Readiness.Stage;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthHandlerTest {

    @ParameterizedTest
    @CsvSource({
        // stage, started, publishing, receiving, stays ready without broker, state
        "STARTING, true, true, true, true, starting",
        "READY, false, true, true, true, starting",
        "READY, true, true, true, true, ready",
        "READY, true, false, true, true, ready",
        "READY, true, true, false, true, deaf",
        "READY, true, true, false, false, deaf",
        "READY, true, false, false, true, ready",
        "READY, true, false, false, false, broker_unavailable",
        "DRAINING, true, true, true, true, draining",
    })
    void state_ofStageAndBroker_isOneWord(
            Stage stage, boolean started, boolean publishing, boolean receiving, boolean without, String state) {
        Health health = new Health(publishing, receiving, null);

        HealthHandler.State now = HealthHandler.state(stage, started, health, without);
        assertEquals(state, now.word());
        assertEquals(state.equals("ready"), now.isReady());
    }

    @Test
    void ready_withoutTheBackplane_saysWhy() throws Exception {
        Health away = new Health(false, false, "Redis is away: \"db\" refuses");
        AtomicReference<HealthHandler.State> state =
                new AtomicReference<>(HealthHandler.state(Stage.READY, true, away, true));
        try (Loopback ready = new Loopback(HealthHandler.ready(state::get))) {
            HttpResponse<String> kept = ready.send("GET", "/");
            assertEquals(200, kept.statusCode());
            assertEquals("{\"status\":\"ready\",\"detail\":\"Redis is away: \\\"db\\\" refuses\"}", kept.body());

            state.set(HealthHandler.state(Stage.READY, true, away, false));
            HttpResponse<String> refused = ready.send("GET", "/");
            assertEquals(503, refused.statusCode());
            assertEquals(
                    "{\"status\":\"broker_unavailable\",\"detail\":\"Redis is away: \\\"db\\\" refuses\"}",
                    refused.body());
        }
    }

    @Test
    void ready_changesWithTheState_liveDoesNot() throws Exception {
        AtomicReference<HealthHandler.State> state = new AtomicReference<>(new HealthHandler.State("ready", null));
        try (Loopback ready = new Loopback(HealthHandler.ready(state::get));
                Loopback live = new Loopback(HealthHandler.live())) {
            HttpResponse<String> good = ready.send("GET", "/");
            assertEquals(200, good.statusCode());
            assertEquals("{\"status\":\"ready\"}", good.body());
            assertEquals("no-store", good.headers().firstValue("Cache-Control").orElseThrow());

            state.set(new HealthHandler.State("draining", null));
            HttpResponse<String> bad = ready.send("GET", "/");
            assertEquals(503, bad.statusCode());
            assertEquals("{\"status\":\"draining\"}", bad.body());
            assertEquals(503, ready.send("HEAD", "/").statusCode());
            assertEquals(200, live.send("GET", "/").statusCode());
        }
    }

    @Test
    void health_otherMethods_areRefused() throws Exception {
        try (Loopback live = new Loopback(HealthHandler.live())) {
            HttpResponse<String> answer = live.send("POST", "/");

            assertEquals(405, answer.statusCode());
            assertEquals("GET, HEAD", answer.headers().firstValue("Allow").orElseThrow());
        }
    }
}
