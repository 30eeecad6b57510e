package dev.pushy.core;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The patterns that match a channel, among few and many. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PatternMatching {
    private static final int CHANNELS = 1024;

    @Param({"1", "1000", "100000"})
    private int patterns;

    private final PatternTrie<ChannelPattern> trie = new PatternTrie<>();
    private final Channel[] matched = new Channel[CHANNELS];
    private final Channel[] unmatched = new Channel[CHANNELS];
    private int next;

    @Setup
    public void fill() {
        for (int i = 0; i < patterns; i++) {
            ChannelPattern pattern = ChannelPattern.of(text(i));
            trie.put(pattern, pattern);
        }
        for (int i = 0; i < CHANNELS; i++) {
            int which = (int) ((long) i * patterns / CHANNELS);
            matched[i] = Channel.of("shop" + which % 100 + ".orders" + which + ".eu.paid");
            unmatched[i] = Channel.of("shop" + which % 100 + ".returns" + which + ".eu.paid");
        }
    }

    private static String text(int i) {
        return "shop" + i % 100 + ".orders" + i + (i % 2 == 0 ? ".*.paid" : ".**");
    }

    @Benchmark
    public void oneMatches(Blackhole found) {
        trie.match(matched[next++ & (CHANNELS - 1)], found::consume);
    }

    @Benchmark
    public void noneMatches(Blackhole found) {
        trie.match(unmatched[next++ & (CHANNELS - 1)], found::consume);
    }
}
