package dev.pushy.server.cluster;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import java.util.List;

/** The channels that are published to, and the patterns of them. */
final class Names {
    static final List<String> CHANNELS =
            List.of("news.a", "news.b", "news.b.deep", "sport.x", "sport.y", "alone", "chat.1", "chat.2");
    static final List<String> PATTERNS = List.of("news.*", "news.**", "sport.*", "*", "chat.**", "**");

    private Names() {}

    /** The channels of these that a subscription to a channel or pattern hears. */
    static List<String> matching(String name) {
        ChannelPattern pattern = ChannelPattern.of(name);
        return CHANNELS.stream()
                .filter(channel -> channel.equals(name) || pattern.matches(Channel.of(channel)))
                .toList();
    }
}
