package dev.pushy.undertow.wire;

import dev.pushy.core.ChannelPolicy;
import dev.pushy.core.Limits;
import dev.pushy.core.SlowConsumer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/**
 * What a random scenario is set up with.
 *
 * @param seed all of this and the steps follow from it
 * @param partitions of the log
 * @param delayedLink whether the node hears of messages on a thread of its own, a little later
 * @param clients how many
 * @param steps how many things happen
 * @param ping how often WebSockets are pinged and streams get heartbeats
 * @param crowd whether a second thread publishes meanwhile
 */
record Scenario(
        long seed,
        Kind kind,
        int partitions,
        boolean delayedLink,
        int clients,
        int steps,
        Limits limits,
        ChannelPolicy policy,
        Duration ping,
        boolean crowd) {

    /** What can go wrong. */
    enum Kind {
        /** Clients come and go. */
        CALM(Set.of()),
        /** Links break, the broker is away for a while, and has lost nothing. */
        CUTS(Set.of()),
        /** A loop is given more than its mailbox holds. */
        MAILBOX(Set.of()),
        /** Clients that read slowly are sent away. */
        SLOW(Set.of()),
        /** Clients that read slowly miss the oldest, or all but the newest. */
        SKIP(Set.of("overflow")),
        /** The broker comes back from an older state. */
        OLD(Set.of("fork", "ahead")),
        /** All of it, and not everything is retained. */
        MIXED(Set.of("fork", "ahead", "reset", "expired")),
        /** As MIXED, with hardly any history. */
        TINY(Set.of("fork", "ahead", "reset", "expired"));

        final Set<String> reasons;

        Kind(Set<String> reasons) {
            this.reasons = reasons;
        }

        boolean isSlow() {
            return this == SLOW || this == SKIP;
        }

        boolean cutsLinks() {
            return !EnumSet.of(CALM, SLOW, SKIP, MAILBOX).contains(this);
        }

        boolean goesBack() {
            return this == OLD || this == MIXED || this == TINY;
        }

        boolean forgets() {
            return this == MIXED || this == TINY;
        }
    }

    static Scenario of(long seed) {
        Random random = new Random(seed * 7919 + 1);
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        int history =
                kind == Kind.TINY ? pick(random, 1, 3, 8) : kind == Kind.MIXED ? pick(random, 4, 20, 1_000) : 10_000;
        int replay = kind.forgets() ? pick(random, 4, 12, 1_000) : 100_000;
        Limits limits = Limits.builder()
                .replayPerChannel(replay)
                .replayTotal(replay * 4)
                .backlogBytes(kind.isSlow() ? pick(random, 1_024, 4_096, 16_384) : 512 * 1024)
                .mailbox(kind == Kind.MAILBOX ? pick(random, 16, 24, 64) : 65_536)
                .interestLinger(Duration.ofMillis(pick(random, 0, 2, 3_000)))
                .flushGap(Duration.ofMillis(pick(random, 0, 0, 2)))
                .build();
        SlowConsumer slow = kind != Kind.SKIP
                ? SlowConsumer.DISCONNECT
                : random.nextBoolean() ? SlowConsumer.SKIP_OLDEST : SlowConsumer.CONFLATE;
        ChannelPolicy policy =
                ChannelPolicy.DEFAULT.withHistory(history, Duration.ofHours(1)).withSlowConsumer(slow);
        return new Scenario(
                seed,
                kind,
                pick(random, 1, 1, 1, 4),
                random.nextInt(3) == 0,
                pick(random, 2, 3, 4),
                pick(random, 80, 160, 300),
                limits,
                policy,
                Duration.ofMillis(pick(random, 100, 100, 5_000)),
                random.nextInt(3) == 0);
    }

    private static int pick(Random random, int... values) {
        return values[random.nextInt(values.length)];
    }
}
