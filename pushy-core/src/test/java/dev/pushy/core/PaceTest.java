package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private final VirtualTime time = new VirtualTime(1, 1);

    private Pace pace(long leastGapMillis) {
        return new Pace(Duration.ofMillis(leastGapMillis), time.timers());
    }

    private void pass(long millis) {
        time.runUntil(time.now() + millis);
    }

    private void run(Pace pace, int events, long millis) {
        pace.begin();
        pass(millis);
        pace.end(events);
    }

    @Test
    void waitMillis_nothingWrittenYet_writesAtOnce() {
        assertEquals(0, pace(5).waitMillis());
    }

    @Test
    void waitMillis_behindASingleEvent_theLeastGapHoweverLongItTook() {
        Pace pace = pace(2);
        run(pace, 1, 100);

        assertEquals(2, pace.waitMillis());
        pass(1);
        assertEquals(1, pace.waitMillis());
        pass(1);
        assertEquals(0, pace.waitMillis());
    }

    @Test
    void waitMillis_behindABurst_asLongAsItTookToWrite() {
        Pace pace = pace(2);
        run(pace, 2, 5);

        assertEquals(5, pace.waitMillis());
        pass(5);
        assertEquals(0, pace.waitMillis());
    }

    @Test
    void waitMillis_behindABurst_fromTheLeastGapToFourTimesThat() {
        Pace pace = pace(2);
        run(pace, 64, 0);
        assertEquals(2, pace.waitMillis());
        run(pace, 64, 1_000);
        assertEquals(8, pace.waitMillis());
    }

    @Test
    void waitMillis_singleBehindABurst_theLeastGapAgain() {
        Pace pace = pace(2);
        run(pace, 64, 1_000);
        run(pace, 1, 1_000);

        assertEquals(2, pace.waitMillis());
    }

    @Test
    void waitMillis_withoutGap_neverWaits() {
        Pace pace = pace(0);
        run(pace, 64, 1_000);

        assertEquals(0, pace.waitMillis());
    }

    @Test
    void waitMillis_runOfSeveralStretches_goesOnAndCountsAsOne() {
        Pace pace = pace(2);
        pace.begin();
        pass(4);
        assertEquals(0, pace.waitMillis());
        pace.begin();
        pass(3);
        pace.end(2);

        assertEquals(7, pace.waitMillis());
    }

    @Test
    void waitMillis_behindABurstThatLeftSomething_theLeastGap() {
        Pace pace = pace(2);
        pace.begin();
        pass(8);
        pace.fallBehind();
        pace.end(64);
        assertEquals(2, pace.waitMillis());

        run(pace, 64, 8);
        assertEquals(8, pace.waitMillis());
    }

    @Test
    void isLate_eightMillisecondsOfAStretch_thenNotInTheNext() {
        Pace pace = pace(0);
        pace.begin();
        pass(8);
        assertFalse(pace.isLate());
        pass(1);
        assertTrue(pace.isLate());

        pace.begin();
        assertFalse(pace.isLate());
    }
}
