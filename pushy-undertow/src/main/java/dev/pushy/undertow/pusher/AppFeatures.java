package dev.pushy.undertow.pusher;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one app has switched on.
 *
 * @param enabled whether it is served at all
 * @param tlsOnly whether connections must come over TLS
 * @param clientEvents whether clients may send events on private and presence channels
 * @param users whether connections may sign in as users, with watchlists
 * @param subscriptionCount whether subscribers hear how many they are
 * @param lenientData whether data that is no string is taken as its JSON text
 * @param authorizeWithin how soon a connection must sign in or subscribe to an authorized channel, or null for never
 * @param terminateForGood whether a terminated user's client stays away until its page connects again
 */
public record AppFeatures(
        boolean enabled,
        boolean tlsOnly,
        boolean clientEvents,
        boolean users,
        boolean subscriptionCount,
        boolean lenientData,
        @Nullable Duration authorizeWithin,
        boolean terminateForGood) {

    /** Served, with client events and users, without counts. */
    public static final AppFeatures DEFAULT = new AppFeatures(true, false, true, true, false, false, null, true);
}
