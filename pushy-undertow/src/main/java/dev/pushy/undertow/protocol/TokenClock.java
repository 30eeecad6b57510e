package dev.pushy.undertow.protocol;

import dev.pushy.core.EventLoop;
import dev.pushy.core.Grant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches the life of one connection's token, with one timer for what comes next: the warning, then the end. Confined to
 * the loop.
 */
final class TokenClock implements Runnable {
    /** How long before its expiry a client is told. */
    private static final long WARNING_MILLIS = 30_000;
    /** Timers that are longer are set again on the way. */
    private static final long LONGEST_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final EventLoop loop;
    private final SessionSettings settings;
    private final Listener listener;
    private EventLoop.@Nullable Timer timer;
    private long endAt;
    private boolean warned;

    TokenClock(EventLoop loop, SessionSettings settings, Listener listener) {
        this.loop = loop;
        this.settings = settings;
        this.listener = listener;
    }

    /** What a session does about its token. */
    interface Listener {
        /** The token expires soon. */
        void onTokenExpiring();

        /** The token is void. */
        void onTokenExpired();
    }

    /** Watches this token, and the one before it no more. */
    void watch(Grant grant) {
        stop();
        Long expiresAt = grant.expiresAt();
        if (expiresAt == null) {
            return;
        }
        endAt = TimeUnit.SECONDS.toMillis(expiresAt);
        warned = false;
        next();
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void next() {
        long warnAt = endAt - settings.tokenLeeway().toMillis() - WARNING_MILLIS;
        long wait =
                (warned ? endAt : Math.min(warnAt, endAt)) - settings.clock().millis();
        timer = loop.schedule(this, Math.min(Math.max(1, wait), LONGEST_MILLIS));
    }

    /** What comes next has come. */
    @Override
    public void run() {
        long now = settings.clock().millis();
        timer = null;
        if (now >= endAt) {
            listener.onTokenExpired();
            return;
        }
        if (!warned && now >= endAt - settings.tokenLeeway().toMillis() - WARNING_MILLIS) {
            warned = true;
            listener.onTokenExpiring();
        }
        next();
    }
}
