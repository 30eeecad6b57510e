package dev.pushy.redis;

import java.nio.charset.StandardCharsets;

/**
 * The proof that a line hears: now and then the node publishes to itself, and must hear it in time. What was not accepted
 * proves nothing, then the other path is at fault. Thread-safe.
 */
final class Canary {
    private long number;
    private boolean outstanding;
    private boolean accepted;
    private long acceptedAt;

    /** The next canary's payload, or an empty one while the last is still on its way. */
    synchronized byte[] next() {
        if (outstanding) {
            return new byte[0];
        }
        number++;
        outstanding = true;
        accepted = false;
        return ((char) Wire.CANARY + Long.toString(number)).getBytes(StandardCharsets.US_ASCII);
    }

    /** Redis has published it. */
    synchronized void accepted(long now) {
        accepted = true;
        acceptedAt = now;
    }

    /** It was not published. */
    synchronized void failed() {
        outstanding = false;
    }

    synchronized void heard(byte[] payload) {
        String text = new String(payload, 1, payload.length - 1, StandardCharsets.US_ASCII);
        if (text.equals(Long.toString(number))) {
            outstanding = false;
        }
    }

    /** Whether it was published so long ago and has not been heard. */
    synchronized boolean isMissed(long now, long patienceNanos) {
        return outstanding && accepted && now - acceptedAt >= patienceNanos;
    }

    /** The link broke: what is on its way does not arrive. */
    synchronized void forget() {
        outstanding = false;
    }
}
