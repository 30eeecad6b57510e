package dev.pushy.undertow;

import dev.pushy.undertow.pusher.AppFeatures;
import dev.pushy.undertow.pusher.AppLimits;
import dev.pushy.undertow.pusher.PusherApp;
import java.time.Duration;

/** Bounds and switches of apps for tests. */
final class PusherApps {
    private PusherApps() {}

    static AppFeatures features(boolean enabled, boolean tlsOnly) {
        return new AppFeatures(enabled, tlsOnly, true, true, false, false, null, true);
    }

    static AppFeatures counting() {
        return new AppFeatures(true, false, true, true, true, false, null, true);
    }

    static AppFeatures without(boolean clientEvents, boolean users) {
        return new AppFeatures(true, false, clientEvents, users, false, false, null, true);
    }

    static AppFeatures authorizeWithin(Duration time) {
        return new AppFeatures(true, false, true, true, false, false, time, true);
    }

    static AppFeatures terminateForNow() {
        return new AppFeatures(true, false, true, true, false, false, null, false);
    }

    static AppLimits limits(int connections, Duration activityTimeout, Duration cacheLife) {
        return new AppLimits(
                connections, 10_240, 200, 200, 100, 10, 100, 128, 1_024, 100, 10, activityTimeout, cacheLife);
    }

    static AppLimits connections(int most) {
        return limits(most, Duration.ofMinutes(2), Duration.ofMinutes(30));
    }

    static AppLimits activity(Duration timeout) {
        return limits(0, timeout, Duration.ofMinutes(30));
    }

    static AppLimits cache(Duration life) {
        return limits(0, Duration.ofMinutes(2), life);
    }

    /** An app of a tenant of its own, whose key and secret are its name with a hint. */
    static PusherApp.Builder app(String id, String name) {
        return PusherApp.builder(id).tenant(name).key(name + "-key", name + "-secret");
    }
}
