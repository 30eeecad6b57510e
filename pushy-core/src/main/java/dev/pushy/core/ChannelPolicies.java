package dev.pushy.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which policy a channel has: that of the most specific pattern that matches it. Whatever that says, channels whose names
 * begin with {@code presence-} have presence, since clients of the Pusher protocol are members there. Immutable.
 */
public final class ChannelPolicies {
    private static final String MEMBERS = "presence-";

    private final List<Map.Entry<ChannelPattern, Choice>> bySpecificity;
    private final Choice fallback;
    private final boolean everyApp;

    /** A policy, and the same with presence on. */
    private record Choice(ChannelPolicy policy, ChannelPolicy withMembers) {
        static Choice of(ChannelPolicy policy) {
            return new Choice(policy, policy.withPresence(true));
        }

        ChannelPolicy of(Channel channel) {
            return channel.name().startsWith(MEMBERS) ? withMembers : policy;
        }
    }

    /** Policies by pattern, and one for the channels that none matches. */
    public ChannelPolicies(Map<ChannelPattern, ChannelPolicy> policies, ChannelPolicy fallback) {
        this(policies, fallback, false);
    }

    private ChannelPolicies(Map<ChannelPattern, ChannelPolicy> policies, ChannelPolicy fallback, boolean everyApp) {
        List<Map.Entry<ChannelPattern, Choice>> sorted = new ArrayList<>(policies.size());
        policies.forEach((pattern, policy) -> sorted.add(Map.entry(pattern, Choice.of(policy))));
        sorted.sort((a, b) -> ChannelPattern.bySpecificity(a.getKey(), b.getKey()));
        this.bySpecificity = List.copyOf(sorted);
        this.fallback = Choice.of(fallback);
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
        for (Map.Entry<ChannelPattern, Choice> entry : bySpecificity) {
            ChannelPattern pattern = entry.getKey();
            if (everyApp ? pattern.matchesName(channel) : pattern.matches(channel)) {
                return entry.getValue().of(channel);
            }
        }
        return fallback.of(channel);
    }

    /** The longest time that any channel keeps its messages. */
    public Duration longestHistory() {
        Duration longest = fallback.policy().historyAge();
        for (Map.Entry<ChannelPattern, Choice> entry : bySpecificity) {
            Duration age = entry.getValue().policy().historyAge();
            longest = age.compareTo(longest) > 0 ? age : longest;
        }
        return longest;
    }
}
