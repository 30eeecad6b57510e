package dev.pushy.undertow.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/**
 * Random scenarios against a real server: publishers, clients over SSE and WebSocket that come, go, resume, subscribe and
 * sleep, and everything that a broker can do to them; judged by the {@link Oracle}.
 *
 * <p>A seed gives a scenario: its setting and all steps of clients, publishers and broker in their order. How the server's
 * threads interleave with them, and so how much a client has read at a step, is not in it. A failure that hangs on that
 * shows again when the seed is repeated often: {@code -Dseed=42 -Drounds=200}. Without a seed {@code -Drounds} is the
 * number of scenarios, from a random first seed on where {@code -Drandom} is set.
 */
class ResumeOracleTest {
    private static final int SCENARIOS = 250;
    private static final int DRIVERS = 3;

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong lives = new AtomicLong();
    private final Map<Scenario.Kind, AtomicInteger> kinds = new TreeMap<>();

    @Test
    void play_randomScenarios_everyMessageOnceInOrderOrAGap() throws InterruptedException {
        Long only = Long.getLong("seed");
        int rounds = Integer.getInteger("rounds", only == null ? SCENARIOS : 1);
        long first = only != null ? only : System.getProperty("random") != null ? System.nanoTime() % 1_000_000_000 : 1;
        for (Scenario.Kind kind : Scenario.Kind.values()) {
            kinds.put(kind, new AtomicInteger());
        }
        AtomicLong next = new AtomicLong();
        Logger root = Logger.getLogger("");
        Handler watch = new Watch();
        root.addHandler(watch);
        long start = System.nanoTime();
        try (WireServer usual = new WireServer(0);
                WireServer narrow = new WireServer(4_096)) {
            List<Thread> drivers = new ArrayList<>();
            for (int i = 0; i < DRIVERS; i++) {
                Thread driver = new Thread(() -> {
                    for (long n = next.getAndIncrement();
                            n < rounds && failures.size() < 5;
                            n = next.getAndIncrement()) {
                        play(Scenario.of(only != null ? only : first + n), usual, narrow);
                    }
                });
                driver.start();
                drivers.add(driver);
            }
            for (Thread driver : drivers) {
                driver.join();
            }
        } finally {
            root.removeHandler(watch);
        }
        System.out.println(rounds + " scenarios " + kinds + ", " + lives + " connections, from seed " + first + ", "
                + (System.nanoTime() - start) / 1_000_000 + " ms");
        assertEquals(List.of(), List.copyOf(failures));
        assertTrue(only != null || lives.get() > rounds * 5L, "too few connections: " + lives);
    }

    private void play(Scenario scenario, WireServer usual, WireServer narrow) {
        try (World world = new World(scenario, scenario.kind().isSlow() ? narrow : usual)) {
            List<String> faults = new ArrayList<>(world.play());
            lives.addAndGet(world.lives());
            kinds.get(scenario.kind()).incrementAndGet();
            if (!faults.isEmpty() && System.getProperty("story") != null) {
                System.out.println(world.story());
            }
            faults.addAll(world.end());
            if (!faults.isEmpty()) {
                failures.add("\n-Dseed=" + scenario.seed() + " " + scenario + ": " + faults.size() + " faults\n  "
                        + String.join("\n  ", faults.subList(0, Math.min(6, faults.size()))));
            }
        } catch (RuntimeException | AssertionError e) {
            failures.add("\n-Dseed=" + scenario.seed() + " " + scenario + ": " + e);
            e.printStackTrace();
        }
    }

    /** What a thread of the server logs as an error nobody else would see. */
    private final class Watch extends Handler {
        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.SEVERE.intValue()) {
                failures.add(
                        "\nlogged: " + record.getLoggerName() + " " + record.getMessage() + " " + record.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
