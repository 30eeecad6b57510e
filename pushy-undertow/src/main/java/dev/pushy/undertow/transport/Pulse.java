package dev.pushy.undertow.transport;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How a WebSocket is found to be alive: when it is pinged, and when it is given up. Confined to the loop.
 *
 * <p>In the transport's rhythm it is pinged in equal intervals, given up when it missed two, and may send only so many
 * pings of its own in an interval. In a session's rhythm it is pinged once it was silent for a while, and given up when it
 * stays so.
 */
final class Pulse {
    private static final int MAX_MISSED = 2;

    /** What is to be done when the time has come. */
    enum Beat {
        /** Nothing but to wait again. */
        WAIT,
        /** Ping the client. */
        PING,
        /** End the connection. */
        GIVE_UP
    }

    private final LongSupplier millis;
    private final int pingsFromClient;
    private int pingsLeft;
    /** In a session's rhythm only; milliseconds, and when the client was last heard. */
    private int silence;

    private int answer;
    private int heard;
    private int next;
    private byte missed;

    Pulse(TransportSettings settings) {
        this(settings, Pulse::millis);
    }

    private static long millis() {
        return System.nanoTime() / 1_000_000;
    }

    /** With a clock that never goes back. */
    Pulse(TransportSettings settings, LongSupplier millis) {
        this.millis = millis;
        this.next = (int) settings.ping().toMillis();
        this.pingsFromClient = settings.pingsFromClient();
        this.pingsLeft = pingsFromClient;
    }

    /** Goes over to a session's rhythm. */
    void pingAfter(Duration quiet, Duration reply) {
        silence = Math.toIntExact(quiet.toMillis());
        answer = Math.toIntExact(reply.toMillis());
        next = silence;
        heard();
    }

    /** Something came from the client. */
    void heard() {
        missed = 0;
        if (silence > 0) {
            heard = now();
        }
    }

    /** A ping came from the client; answers whether it may send that many. */
    boolean allowsPing() {
        return silence > 0 || --pingsLeft >= 0;
    }

    /** When to beat next, in milliseconds. */
    int next() {
        return next;
    }

    /**
     * The time has come.
     *
     * @param listening whether we read from the client: else its silence says nothing
     */
    Beat beat(boolean listening) {
        return silence > 0 ? afterSilence(listening) : inIntervals(listening);
    }

    private Beat inIntervals(boolean listening) {
        pingsLeft = pingsFromClient;
        if (missed >= MAX_MISSED) {
            return Beat.GIVE_UP;
        }
        if (listening) {
            missed++;
        }
        return Beat.PING;
    }

    private Beat afterSilence(boolean listening) {
        if (missed > 0 && listening) {
            return Beat.GIVE_UP;
        }
        next = listening ? silence - (now() - heard) : silence;
        if (next > 0) {
            return Beat.WAIT;
        }
        missed = 1;
        next = answer;
        return Beat.PING;
    }

    /** Differences count only, so that it may overflow. */
    private int now() {
        return (int) millis.getAsLong();
    }
}
