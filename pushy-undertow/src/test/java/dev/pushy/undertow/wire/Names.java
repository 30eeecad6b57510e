package dev.pushy.undertow.wire;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** The channels and patterns of all scenarios. For every two that overlap there is a channel that both match. */
final class Names {
    /** Its channel keeps no history. */
    static final String LIVE_ONLY = "m.live";

    static final List<String> CHANNELS = List.of("a", "b", "n.x", "n.y", "n.x.deep", "m.z", LIVE_ONLY);
    static final List<String> PATTERNS = List.of("n.*", "n.**", "*", "**", "m.*");
    static final List<String> ALL =
            Stream.concat(CHANNELS.stream(), PATTERNS.stream()).toList();

    private Names() {}

    static boolean matches(String pattern, String channel) {
        return pattern.equals(channel) || ChannelPattern.of(pattern).matches(Channel.of(channel));
    }

    static boolean anyMatches(Collection<String> patterns, String channel) {
        for (String pattern : patterns) {
            if (matches(pattern, channel)) {
                return true;
            }
        }
        return false;
    }

    static boolean overlap(String one, String other) {
        for (String channel : CHANNELS) {
            if (matches(one, channel) && matches(other, channel)) {
                return true;
            }
        }
        return false;
    }

    static boolean overlapsAny(String one, Collection<String> others) {
        return others.stream().anyMatch(other -> overlap(one, other));
    }

    static List<String> matching(String pattern) {
        List<String> channels = new ArrayList<>();
        for (String channel : CHANNELS) {
            if (matches(pattern, channel)) {
                channels.add(channel);
            }
        }
        return channels;
    }
}
