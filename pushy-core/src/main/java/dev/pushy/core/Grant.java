package dev.pushy.core;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a token allows its holder, once it has been verified.
 *
 * @param app the app that it is for
 * @param subject who holds it, for example a user's id
 * @param subscribe channels and patterns that may be subscribed to
 * @param publish channels and patterns that may be published to
 * @param meta what is told about the subject where it is a member, one JSON value
 * @param tokenId the token's own id, by which it can be revoked, or null
 * @param issuedAt seconds since 1970, or null
 * @param expiresAt seconds since 1970 from which the token is void, leeway included, or null for never
 */
public record Grant(
        String app,
        String subject,
        List<ChannelPattern> subscribe,
        List<ChannelPattern> publish,
        String meta,
        @Nullable String tokenId,
        @Nullable Long issuedAt,
        @Nullable Long expiresAt) {

    /** Copies the lists. */
    public Grant {
        Objects.requireNonNull(app, "app");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(meta, "meta");
        subscribe = List.copyOf(subscribe);
        publish = List.copyOf(publish);
    }

    /** A grant that never expires, to subscribe and publish to the same channels. */
    public static Grant of(String subject, List<ChannelPattern> channels) {
        String app = channels.isEmpty() ? Channel.DEFAULT_APP : channels.get(0).app();
        return new Grant(app, subject, channels, channels, "null", null, null, null);
    }

    /** Whether every channel of the pattern may be subscribed to. */
    public boolean maySubscribe(ChannelPattern pattern) {
        return covers(subscribe, pattern);
    }

    /** Whether the channel may be published to. */
    public boolean mayPublish(Channel channel) {
        for (ChannelPattern pattern : publish) {
            if (pattern.matches(channel)) {
                return true;
            }
        }
        return false;
    }

    private static boolean covers(List<ChannelPattern> granted, ChannelPattern asked) {
        for (ChannelPattern pattern : granted) {
            if (pattern.covers(asked)) {
                return true;
            }
        }
        return false;
    }

    /** App and subject; what is said about the subject may be private. */
    @Override
    public String toString() {
        return "Grant[" + app + "/" + Text.excerpt(subject) + "]";
    }
}
