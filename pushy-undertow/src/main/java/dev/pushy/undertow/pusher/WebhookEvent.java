package dev.pushy.undertow.pusher;

import java.util.Locale;

/** What a webhook can tell of. */
public enum WebhookEvent {
    /** A channel has its first subscriber. */
    CHANNEL_OCCUPIED,
    /** A channel's last subscriber has left. */
    CHANNEL_VACATED,
    /** A user joined a presence channel. */
    MEMBER_ADDED,
    /** A user's last connection left a presence channel. */
    MEMBER_REMOVED,
    /** A client sent an event. */
    CLIENT_EVENT,
    /** Somebody subscribed to a cache channel that had nothing to tell. */
    CACHE_MISS,
    /** A channel's number of subscribers changed. */
    SUBSCRIPTION_COUNT;

    /** The name on the wire, such as {@code channel_occupied}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
