package dev.pushy.undertow.pusher;

import java.util.Optional;

/**
 * Which apps of the Pusher protocol there are. May block: it is called on worker threads only, by several at once, for each
 * connection, each signed request and each burst of webhooks. An answer holds for the connection or request that it was asked for; what changes
 * later concerns later ones.
 */
public interface AppRegistry {

    /** The app that has this public key. */
    Optional<PusherApp> byKey(String key);

    /** The app of this id. */
    Optional<PusherApp> byId(String id);

    /** The app that has the channels of this tenant, see {@link PusherApp#tenant()}: whom webhooks tell of them. */
    Optional<PusherApp> byTenant(String tenant);
}
