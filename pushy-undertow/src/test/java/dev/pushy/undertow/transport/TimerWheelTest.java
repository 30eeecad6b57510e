package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private long millis = 5;
    private boolean woken;
    private final TimerWheel wheel = new TimerWheel(() -> millis * 1_000_000, () -> woken = true);
    private final List<String> fired = new ArrayList<>();

    private final class Named extends TimerWheel.Entry {
        private final String name;
        private Runnable then = () -> {};

        Named(String name) {
            this.name = name;
        }

        @Override
        void onTime() {
            fired.add(name);
            then.run();
        }
    }

    private void pass(long time) {
        for (long end = millis + time; millis < end; ) {
            millis = Math.min(end, millis + TimerWheel.TICK_MILLIS);
            if (woken) {
                woken = false;
                wheel.tick();
            }
        }
    }

    @Test
    void tick_timeReached_firesOnceNeverEarly() {
        wheel.set(new Named("a"), 1_000);
        pass(999);
        assertEquals(List.of(), fired);
        pass(300);
        assertEquals(List.of("a"), fired);
        pass(100_000);
        assertEquals(List.of("a"), fired);
    }

    @Test
    void tick_longerThanATurn_waitsTheTurns() {
        wheel.set(new Named("day"), 24 * 3_600_000L);
        pass(24 * 3_600_000L - 1);
        assertEquals(List.of(), fired);
        pass(300);
        assertEquals(List.of("day"), fired);
    }

    @Test
    void set_again_moves() {
        Named a = new Named("a");
        wheel.set(a, 500);
        pass(300);
        wheel.set(a, 500);
        pass(400);
        assertEquals(List.of(), fired);
        assertEquals(1, wheel.size());
        pass(300);
        assertEquals(List.of("a"), fired);
    }

    @Test
    void cancel_beforeTime_neverFires() {
        Named a = new Named("a");
        wheel.set(a, 500);
        wheel.cancel(a);
        wheel.cancel(a);
        pass(2_000);
        assertEquals(List.of(), fired);
        assertEquals(0, wheel.size());
    }

    @Test
    void tick_nothingSet_standsStill() {
        wheel.set(new Named("a"), 100);
        pass(1_000);
        assertFalse(woken);
        millis += 1_000_000;
        wheel.set(new Named("b"), 100);
        assertTrue(woken);
        pass(300);
        assertEquals(List.of("a", "b"), fired);
    }

    @Test
    void onTime_cancelsAnotherThatIsDue_itDoesNotFire() {
        Named a = new Named("a");
        Named b = new Named("b");
        a.then = () -> wheel.cancel(b);
        b.then = () -> wheel.cancel(a);
        wheel.set(a, 500);
        wheel.set(b, 500);
        pass(1_000);
        assertEquals(1, fired.size());
        assertEquals(0, wheel.size());
    }

    @Test
    void onTime_throws_othersFire() {
        Named a = new Named("a");
        Named b = new Named("b");
        a.then = () -> {
            throw new IllegalStateException("planned");
        };
        b.then = a.then;
        wheel.set(a, 500);
        wheel.set(b, 500);
        wheel.set(new Named("c"), 700);
        pass(1_000);
        assertEquals(3, fired.size());
    }

    @Test
    void onTime_setsItself_beats() {
        Named a = new Named("a");
        a.then = () -> wheel.set(a, 1_000);
        wheel.set(a, 1_000);
        pass(60_000);
        assertTrue(fired.size() >= 50 && fired.size() <= 60, () -> "fired " + fired.size());
    }

    @Test
    void random_againstAList_agrees() {
        Random random = new Random(4242);
        List<Named> entries = new ArrayList<>();
        long[] dueFrom = new long[300];
        for (int i = 0; i < dueFrom.length; i++) {
            entries.add(new Named(Integer.toString(i)));
        }
        for (int round = 0; round < 20_000; round++) {
            int i = random.nextInt(dueFrom.length);
            if (random.nextInt(3) == 0) {
                wheel.cancel(entries.get(i));
                dueFrom[i] = 0;
            } else {
                long in = random.nextInt(200_000);
                wheel.set(entries.get(i), in);
                dueFrom[i] = millis + in;
            }
            pass(random.nextInt(300));
            for (String name : fired) {
                int at = Integer.parseInt(name);
                assertTrue(dueFrom[at] > 0 && dueFrom[at] <= millis, "fired early or after it was cancelled");
                dueFrom[at] = 0;
            }
            fired.clear();
            for (long due : dueFrom) {
                assertTrue(due == 0 || due + 3 * TimerWheel.TICK_MILLIS > millis, "fired late");
            }
        }
    }
}
