package dev.pushy.redis;

import dev.pushy.core.Channel;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a node says: how many connections a subject has on a channel, or how many subscribers the channel has.
 *
 * @param subject who it is about; null: the channel's subscribers
 * @param meta what is said about the subject
 * @param most the most members that the channel may have
 * @param quiet whether the world has heard of it before
 */
record Statement(Channel channel, @Nullable String subject, String meta, int count, int most, boolean quiet) {

    /** That an ended node has nothing any more. */
    static Statement none(Channel channel, @Nullable String subject) {
        return new Statement(channel, subject, "", 0, Integer.MAX_VALUE, false);
    }

    /** A channel as the scripts name it; {@link #channel(String)} reads it. */
    static String text(Channel channel) {
        return channel.app() + ':' + channel.name();
    }

    /** The channel of a text; the names of channels have no colon. */
    static Channel channel(String text) {
        int colon = text.lastIndexOf(':');
        return new Channel(text.substring(0, colon), text.substring(colon + 1));
    }
}
