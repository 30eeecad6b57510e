package dev.pushy.undertow.pusher;

/** So many tokens, and as many more each second. Confined to the loop. */
final class TokenBucket {
    private static final double NANOS = 1e9;

    private final int perSecond;
    private double tokens;
    private long filled;

    TokenBucket(int perSecond, long nanos) {
        this.perSecond = perSecond;
        this.tokens = perSecond;
        this.filled = nanos;
    }

    /**
     * Takes a token, if there is one.
     *
     * @param nanos the time, of a clock that never goes back
     */
    boolean take(long nanos) {
        tokens = Math.min(perSecond, tokens + (nanos - filled) / NANOS * perSecond);
        filled = nanos;
        if (tokens < 1) {
            return false;
        }
        tokens -= 1;
        return true;
    }
}
