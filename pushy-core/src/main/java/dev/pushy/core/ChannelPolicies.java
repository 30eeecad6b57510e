package dev.pushy.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which policy a channel has: that of the most specific pattern that matches it. Immutable. */
public final class ChannelPolicies {
    private final List<Map.Entry<ChannelPattern, ChannelPolicy>> bySpecificity;
    private final ChannelPolicy fallback;
    private final boolean everyApp;

    /** Policies by pattern, and one for the channels that none matches. */
    public ChannelPolicies(Map<ChannelPattern, ChannelPolicy> policies, ChannelPolicy fallback) {
        this(policies, fallback, false);
    }

    private ChannelPolicies(Map<ChannelPattern, ChannelPolicy> policies, ChannelPolicy fallback, boolean everyApp) {
        List<Map.Entry<ChannelPattern, ChannelPolicy>> sorted = new ArrayList<>(policies.entrySet());
        sorted.sort((a, b) -> ChannelPattern.bySpecificity(a.getKey(), b.getKey()));
        this.bySpecificity = List.copyOf(sorted);
        this.fallback = fallback;
        this.everyApp = everyApp;
    }

    /** The same policies for the channels of every app, whichever the patterns name: apps may come later. */
    public static ChannelPolicies forEveryApp(Map<ChannelPattern, ChannelPolicy> policies, ChannelPolicy fallback) {
        return new ChannelPolicies(policies, fallback, true);
    }

    /** One policy for all channels. */
    public static ChannelPolicies all(ChannelPolicy policy) {
        return new ChannelPolicies(Map.of(), policy);
    }

    /** The policy of a channel. */
    public ChannelPolicy of(Channel channel) {
        for (Map.Entry<ChannelPattern, ChannelPolicy> entry : bySpecificity) {
            ChannelPattern pattern = entry.getKey();
            if (everyApp ? pattern.matchesName(channel) : pattern.matches(channel)) {
                return entry.getValue();
            }
        }
        return fallback;
    }

    /** The longest time that any channel keeps its messages. */
    public java.time.Duration longestHistory() {
        java.time.Duration longest = fallback.historyAge();
        for (Map.Entry<ChannelPattern, ChannelPolicy> entry : bySpecificity) {
            java.time.Duration age = entry.getValue().historyAge();
            longest = age.compareTo(longest) > 0 ? age : longest;
        }
        return longest;
    }
}
