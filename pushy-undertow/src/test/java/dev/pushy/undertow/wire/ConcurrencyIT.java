package dev.pushy.undertow.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.ChannelPolicy;
import dev.pushy.core.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Subscribe, publish, unsubscribe and close from many threads at once, over real sockets. */
class ConcurrencyIT {
    private static final int CLIENTS = 32;
    private static final int DRIVERS = 6;
    private static final int PUBLISHERS = 4;
    private static final int MESSAGES = 20_000;
    private static final int LIVES = CLIENTS * 5;

    @Test
    void storm_manyThreads_nothingLostTwiceOrOutOfOrder() {
        long seed = Long.getLong("seed", System.nanoTime() % 1_000_000_000);
        ChannelPolicy policy = ChannelPolicy.DEFAULT.withHistory(MESSAGES, Duration.ofHours(1));
        Limits limits = Limits.builder()
                .replayPerChannel(MESSAGES)
                .replayTotal(MESSAGES)
                .interestLinger(Duration.ofMillis(1))
                .build();
        Scenario scenario = new Scenario(
                seed, Scenario.Kind.CUTS, 1, seed % 2 == 0, CLIENTS, 0, limits, policy, Duration.ofMillis(100), false);
        try (WireServer server = new WireServer(0);
                World world = new World(scenario, server)) {
            List<String> faults = new ArrayList<>(world.storm(DRIVERS, PUBLISHERS, MESSAGES, LIVES));
            int lives = world.lives();
            faults.addAll(world.end());

            System.out.println(lives + " connections, -Dseed=" + seed);
            assertEquals(List.of(), faults.subList(0, Math.min(faults.size(), 10)), () -> "-Dseed=" + seed);
            assertTrue(lives >= LIVES, "too few connections: " + lives);
        }
    }
}
