package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Random worlds against an oracle, each decided by its seed. A failure prints it; {@code -Dsimulation.seed=N
 * -Dsimulation.worlds=1} repeats it exactly, another first seed and {@code -Dsimulation.worlds=N} try others.
 */
class DeliverySimulationTest {

    @Test
    void randomWorlds_everyMessageOnceInOrderOrAnAnnouncedGap() {
        int worlds = Integer.getInteger("simulation.worlds", 3_000);
        long first = Long.getLong("simulation.seed", 1);
        System.out.println("simulating " + worlds + " worlds from -Dsimulation.seed=" + first);
        for (long seed = first; seed < first + worlds; seed++) {
            Simulation.Setting setting = Simulation.setting(seed);
            List<String> errors = new Simulation(setting).run();
            if (!errors.isEmpty()) {
                fail("-Dsimulation.seed=" + seed + " " + setting + "\n" + String.join("\n", errors));
            }
        }
    }
}
