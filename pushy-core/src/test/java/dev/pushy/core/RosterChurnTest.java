package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What each client is told of who is there, from its answer on, is gap-free, free of repetitions, and true at rest. */
class RosterChurnTest {
    private static final int WORLDS = Integer.getInteger("roster.worlds", 100);
    private static final long FIRST = Long.getLong("roster.first", 0);

    @Test
    void rostersAndWhatFollowsThem_agreeWithTheStoreWhateverHappens() {
        int told = 0;
        for (long seed = FIRST; seed < FIRST + WORLDS; seed++) {
            RosterWorld world = new RosterWorld(seed);
            assertEquals(List.of(), world.run(), "-Droster.worlds=1 -Droster.first=" + seed);
            told += world.told;
        }
        assertTrue(told > WORLDS * 10, "only " + told + " joins and leaves were told");
    }
}
