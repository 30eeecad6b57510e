package dev.pushy.server.cluster;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three server processes on a Redis with a replica, 180 subscribers of SSE, WebSocket and the Pusher protocol, publishers
 * over HTTP, and faults that strike at random. Every accepted message is received exactly once and in order by every
 * subscriber, or he was told of a gap, which only faults that lose data may cause.
 *
 * <p>{@code -Dpushy.oracle.rounds=N} for a longer run, {@code -Dpushy.oracle.seed=S} to repeat one,
 * {@code -Dpushy.oracle.faults=NODE_CUT,REDIS_OLD} for these alone. A seed gives the subscribers, the faults and how long
 * each lasts; how the processes interleave is not in it.
 */
class ClusterOracleIT {
    private static final Path LOGS = Path.of("target", "cluster-oracle");
    private static final int ROUNDS = 24;
    private static final int SHOWN = 12;

    @Test
    @Timeout(value = 1, unit = TimeUnit.DAYS)
    void faultsAtRandom_everybodyHearsAllOnceInOrderOrIsToldOfAGap(@TempDir Path folder) throws IOException {
        int rounds = Integer.getInteger("pushy.oracle.rounds", ROUNDS);
        long seed = Long.getLong("pushy.oracle.seed", System.nanoTime() % 1_000_000_000);
        Random random = new Random(seed);
        Files.createDirectories(LOGS);
        System.out.println("-Dpushy.oracle.seed=" + seed + " -Dpushy.oracle.rounds=" + rounds);
        List<Fault> deck = new ArrayList<>();
        try (World world = new World(random)) {
            world.start(folder, LOGS);
            for (int number = 1; number <= rounds; number++) {
                if (deck.isEmpty()) {
                    deck.addAll(faults());
                    Collections.shuffle(deck, random);
                }
                play(world, new Round(number, deck.remove(0), world.ledger()), seed);
            }
        }
    }

    private static List<Fault> faults() {
        String only = System.getProperty("pushy.oracle.faults", "");
        return only.isEmpty()
                ? List.of(Fault.values())
                : Arrays.stream(only.split(",")).map(Fault::valueOf).toList();
    }

    private static void play(World world, Round round, long seed) throws IOException {
        long start = System.nanoTime();
        List<String> faults;
        try {
            faults = world.play(round);
        } catch (RuntimeException | AssertionError broken) {
            throw new AssertionError(where(round, seed) + ": " + broken.getMessage(), broken);
        }
        if (!faults.isEmpty()) {
            Path story = LOGS.resolve("story.txt");
            Files.writeString(story, world.story(faults));
            fail(where(round, seed) + ": " + faults.size() + " faults, the records are in " + story + "\n  "
                    + String.join("\n  ", faults.subList(0, Math.min(SHOWN, faults.size()))));
        }
        System.out.println(
                round + ": " + world.next() + ", " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms");
    }

    private static String where(Round round, long seed) {
        return "-Dpushy.oracle.seed=" + seed + ", " + round;
    }
}
