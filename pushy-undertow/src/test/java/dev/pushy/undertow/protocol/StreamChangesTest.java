package dev.pushy.undertow.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.pushy.core.ControlMessage.ChangeStream;
import dev.pushy.core.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamChangesTest {
    private final List<String> told = new ArrayList<>();
    private Runnable timer;
    private boolean waiting;
    private final StreamChanges changes = new StreamChanges(new Loop(), new StreamChanges.Stream() {
        @Override
        public void make(ChangeStream change) {
            told.add(change.connection());
            if (!waiting) {
                changes().made();
            }
        }

        @Override
        public void refuse(Fault fault, String message) {
            told.add(fault.code());
        }
    });

    private StreamChanges changes() {
        return changes;
    }

    private void offer(String name, long number) {
        changes.offer(new ChangeStream("default", name, "ann", List.of(), List.of(), null, number));
    }

    @Test
    void offer_numbersOutOfOrder_areMadeInOrder() {
        offer("three", 3);
        offer("two", 2);
        offer("none", 0);
        offer("one", 1);
        offer("two again", 2);
        assertEquals(List.of("none", "one", "two", "three"), told);
        assertNull(timer);
    }

    @Test
    void offer_numberThatNeverComes_isGivenUpAndTold() {
        offer("two", 2);
        offer("four", 4);
        timer.run();
        assertEquals(List.of("timeout", "two"), told);
        offer("one", 1);
        offer("three", 3);
        assertEquals(List.of("timeout", "two", "three", "four"), told);
    }

    @Test
    void offer_whileOneIsMade_waitsForItsTurn() {
        waiting = true;
        offer("a", 0);
        offer("b", 0);
        assertEquals(List.of("a"), told);
        waiting = false;
        changes.made();
        assertEquals(List.of("a", "b"), told);
    }

    @Test
    void offer_beyondWhatMayWait_isRefusedButNotTheOneAwaited() {
        for (int number = 2; number <= 101; number++) {
            offer(String.valueOf(number), number);
        }
        offer("too many", 102);
        assertEquals(List.of("rate_limited"), told);
        offer("one", 1);
        assertEquals(102, told.size());
        assertEquals("101", told.get(101));
    }

    /** Keeps the one timer. */
    private final class Loop implements EventLoop {
        @Override
        public boolean inEventLoop() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Timer schedule(Runnable task, long millis) {
            timer = task;
            return () -> timer = null;
        }
    }
}
