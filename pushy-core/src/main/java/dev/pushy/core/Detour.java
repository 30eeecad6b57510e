package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/**
 * The way of events to a connection that cannot take the shared frames right now, because it still gets what it missed.
 * Confined to the loop.
 */
sealed interface Detour permits Recovery, Addition, Entrance {

    /** Begins, or begins again after having given way. */
    void start();

    /** An event that one of the connection's interests matches. Only notes it: what follows is for {@link #proceed}. */
    void onEvent(PreparedEvent event);

    /** Everything else that passes through the shard. */
    void onItem(Item item);

    /** Takes every step that can be taken now: interest came, a read came, or the socket has taken what was written. */
    void proceed();

    /** How far the client has been told, or null where that is not known. */
    @Nullable
    Cursor cursor();

    /** The loop lost events: read again from where the connection stands. */
    void restart();

    /** The connection has ended. */
    void abandon();
}
