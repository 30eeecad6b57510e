package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random worlds against an oracle. A failure prints its seed; {@code -Dsimulation.seed=N -Dsimulation.worlds=1} repeats it
 * exactly, {@code -Dsimulation.worlds=N} runs more of them.
 */
class DeliverySimulationTest {

    @Test
    void randomWorlds_everyMessageOnceInOrderOrAnAnnouncedGap() {
        int worlds = Integer.getInteger("simulation.worlds", 3_000);
        long first = Long.getLong("simulation.seed", new Random().nextInt(1_000_000_000));
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
