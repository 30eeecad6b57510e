package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The time of a session: heartbeats while there is a receiver, its end when there was none for long. One timer; confined to
 * the loop of the session.
 *
 * <p>It looks twice in the time between heartbeats: after a half in which nothing was written and another one there is a
 * heartbeat. So nobody notes when a frame was written, only that one was.
 */
final class SessionClock {
    private final EventLoop loop;
    private final long halfBeat;
    private final long absence;
    private final Listener listener;
    private EventLoop.@Nullable Timer timer;
    private boolean quiet;
    private boolean second;

    /** What the time has come for. */
    interface Listener {
        /** As often as heartbeats are due, whatever is written. */
        void onBeat();

        /** Nothing was written for a whole time between heartbeats. */
        void onQuiet();

        /** There was no receiver for so long that there will be none. */
        void onAbsence();
    }

    SessionClock(EventLoop loop, SockJsOptions options, Listener listener) {
        this.loop = loop;
        this.halfBeat = options.heartbeat().toMillis() / 2;
        this.absence = options.absence().toMillis();
        this.listener = listener;
    }

    /** There is a receiver. */
    void attached() {
        quiet = false;
        set(this::beat, halfBeat);
    }

    /** There is no receiver any more. */
    void alone() {
        set(listener::onAbsence, absence);
    }

    /** A frame was written. */
    void written() {
        quiet = false;
    }

    private void beat() {
        set(this::beat, halfBeat);
        second = !second;
        if (second) {
            listener.onBeat();
        }
        if (quiet) {
            listener.onQuiet();
        } else {
            quiet = true;
        }
    }

    private void set(Runnable task, long millis) {
        if (timer != null) {
            timer.cancel();
        }
        timer = loop.schedule(task, millis);
    }
}
