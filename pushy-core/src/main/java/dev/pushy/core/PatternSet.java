package dev.pushy.core;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/** Channels and patterns, to ask whether any of them matches without trying each. Not thread-safe. */
final class PatternSet {
    private final Set<Channel> exact = new HashSet<>();
    private final Set<ChannelPattern> patterns = new HashSet<>();
    private final PatternTrie<ChannelPattern> wildcards = new PatternTrie<>();

    static PatternSet of(Collection<ChannelPattern> patterns) {
        PatternSet set = new PatternSet();
        patterns.forEach(set::add);
        return set;
    }

    void add(ChannelPattern pattern) {
        if (!pattern.isWildcard()) {
            exact.add(pattern.channel());
        } else if (patterns.add(pattern)) {
            wildcards.put(pattern, pattern);
        }
    }

    void remove(ChannelPattern pattern) {
        if (!pattern.isWildcard()) {
            exact.remove(pattern.channel());
        } else if (patterns.remove(pattern)) {
            wildcards.remove(pattern);
        }
    }

    boolean matches(Channel channel) {
        return exact.contains(channel) || wildcards.matches(channel);
    }

    /** Whether there is no wildcard among them. */
    boolean isExact() {
        return patterns.isEmpty();
    }

    /** Those that are no wildcard. */
    Set<Channel> channels() {
        return Collections.unmodifiableSet(exact);
    }
}
