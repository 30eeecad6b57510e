package dev.pushy.undertow.api;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import java.util.List;
import java.util.Objects;

/**
 * A backend that publishes.
 *
 * @param app whose channels it publishes on
 * @param id its client id, unique across all apps
 * @param secrets its secrets, of which each is good, so that one can be replaced; plain, or {@code sha256:} and the hash
 *     in 64 hex digits
 * @param channels what it may publish on, and give tokens for
 */
public record Publisher(String app, String id, List<String> secrets, List<ChannelPattern> channels) {

    /** Copies the lists. */
    public Publisher {
        Objects.requireNonNull(app, "app");
        Objects.requireNonNull(id, "id");
        secrets = List.copyOf(secrets);
        channels = List.copyOf(channels);
    }

    /** A publisher of the default app that may use all channels. */
    public static Publisher of(String id, String secret) {
        return new Publisher(Channel.DEFAULT_APP, id, List.of(secret), List.of(ChannelPattern.of("**")));
    }

    /** Whether it may use this channel. */
    public boolean may(Channel channel) {
        for (ChannelPattern pattern : channels) {
            if (pattern.matches(channel)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it may use every channel of this pattern. */
    public boolean may(ChannelPattern asked) {
        return channels.stream().anyMatch(pattern -> pattern.covers(asked));
    }

    /** App and id, never a secret. */
    @Override
    public String toString() {
        return "Publisher[" + app + "/" + id + "]";
    }
}
