package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Hears what only the Pusher protocol knows of its clients, for webhooks. All methods do nothing unless overridden. What
 * every protocol has, such as occupied channels and members, comes from {@link dev.pushy.core.PushyListener}.
 *
 * <p>Called on loops and on threads of the broker, by several at once: a listener must not block. What it throws is logged
 * and changes nothing.
 */
public interface PusherListener {

    /**
     * A client sent an event, which was accepted.
     *
     * @param data the text that the others get
     * @param socketId the connection that sent it
     * @param userId the member that sent it, on presence channels only
     */
    default void onClientEvent(
            PusherApp app, Channel channel, String event, String data, String socketId, @Nullable String userId) {}

    /** A client subscribed to a cache channel that had nothing to tell; once for each client. */
    default void onCacheMiss(PusherApp app, Channel channel) {}

    /**
     * The subscribers of a channel were told how many they are; only where the app has this switched on. One node of the
     * cluster hears it.
     */
    default void onSubscriptionCount(PusherApp app, Channel channel, int count) {}
}
