package dev.pushy.undertow.pusher;

import java.time.Duration;
import java.util.Objects;

/**
 * What a node serves of the Pusher protocol.
 *
 * @param apps which apps there are
 * @param listener hears what their clients do
 * @param pongTimeout how long a silent client has to answer a ping
 */
public record PusherSettings(AppRegistry apps, PusherListener listener, Duration pongTimeout) {
    private static final Duration LONGEST = Duration.ofDays(1);

    /** Checks the values. */
    public PusherSettings {
        Objects.requireNonNull(apps, "apps");
        Objects.requireNonNull(listener, "listener");
        if (pongTimeout.isNegative() || pongTimeout.isZero() || pongTimeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "pongTimeout is " + pongTimeout + ", it must be positive and at most " + LONGEST);
        }
    }
}
