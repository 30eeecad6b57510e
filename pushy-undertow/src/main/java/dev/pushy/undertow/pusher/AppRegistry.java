package dev.pushy.undertow.pusher;

import java.util.Optional;

/**
 * Which apps of the Pusher protocol there are. May block: it is called on worker threads only, by several at once, for each
 * connection and each signed request. An answer holds for the connection or request that it was asked for; what changes
 * later concerns later ones.
 */
public interface AppRegistry {

    /** The app that has this public key. */
    Optional<PusherApp> byKey(String key);

    /** The app of this id. */
    Optional<PusherApp> byId(String id);
}
