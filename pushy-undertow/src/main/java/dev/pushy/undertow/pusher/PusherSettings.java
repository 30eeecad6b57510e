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
    private static final Duration PONG_TIMEOUT = Duration.ofSeconds(30);

    /** Checks the values. */
    public PusherSettings {
        Objects.requireNonNull(apps, "apps");
        Objects.requireNonNull(listener, "listener");
        if (pongTimeout.isNegative() || pongTimeout.isZero()) {
            throw new IllegalArgumentException("pongTimeout is " + pongTimeout + ", it must be positive");
        }
    }

    /** These apps, with nobody listening, and 30 s for an answer to a ping. */
    public static PusherSettings of(AppRegistry apps) {
        return new PusherSettings(apps, new PusherListener() {}, PONG_TIMEOUT);
    }

    /** The same with somebody who hears what clients do. */
    public PusherSettings withListener(PusherListener observer) {
        return new PusherSettings(apps, observer, pongTimeout);
    }

    /** The same with another time for an answer to a ping. */
    public PusherSettings withPongTimeout(Duration time) {
        return new PusherSettings(apps, listener, time);
    }
}
