package dev.pushy.core;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/** Channels and patterns, to ask whether any of them matches without trying each; for brokers. Not thread-safe. */
public final class PatternSet {
    private final Set<Channel> exact = new HashSet<>();
    private final Set<ChannelPattern> patterns = new HashSet<>();
    private final PatternTrie<ChannelPattern> wildcards = new PatternTrie<>();

    /** An empty set. */
    public PatternSet() {}

    /** A set of these. */
    public static PatternSet of(Collection<ChannelPattern> patterns) {
        PatternSet set = new PatternSet();
        patterns.forEach(set::add);
        return set;
    }

    /** Adds one; again is harmless. */
    public void add(ChannelPattern pattern) {
        if (!pattern.isWildcard()) {
            exact.add(pattern.channel());
        } else if (patterns.add(pattern)) {
            wildcards.put(pattern, pattern);
        }
    }

    /** Takes one out. */
    public void remove(ChannelPattern pattern) {
        if (!pattern.isWildcard()) {
            exact.remove(pattern.channel());
        } else if (patterns.remove(pattern)) {
            wildcards.remove(pattern);
        }
    }

    /** Whether any of them matches. */
    public boolean matches(Channel channel) {
        return exact.contains(channel) || wildcards.matches(channel);
    }

    /** Whether there is no wildcard among them. */
    public boolean isExact() {
        return patterns.isEmpty();
    }

    /** Those that are no wildcard. */
    public Set<Channel> channels() {
        return Collections.unmodifiableSet(exact);
    }
}
