package dev.pushy.core;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a broker is to treat one message.
 *
 * @param historySize how many messages of the channel are kept, this one included; 0: none, the message is live only
 * @param historyAge how long the channel's messages are kept
 * @param ttl how long this message is kept, at most {@code historyAge}
 * @param key idempotency key, or null: a second message with it on the channel within {@link #KEY_LIFE} is not published
 * @param retain how long it is what {@link Broker#retained} answers, unless another takes its place; zero: it is not. Has
 *     nothing to do with the history
 */
public record PublishOptions(
        int historySize,
        Duration historyAge,
        Duration ttl,
        @Nullable String key,
        Duration retain) {

    /** How long an idempotency key is remembered. */
    public static final Duration KEY_LIFE = Duration.ofMinutes(5);

    /** The longest idempotency key, in characters. */
    public static final int MAX_KEY_LENGTH = 200;

    /** Nothing is kept. */
    public static final PublishOptions LIVE_ONLY = new PublishOptions(0, Duration.ZERO);

    /** Checks the values. */
    public PublishOptions {
        Objects.requireNonNull(historyAge, "historyAge");
        Objects.requireNonNull(ttl, "ttl");
        Objects.requireNonNull(retain, "retain");
        if (historySize < 0 || historyAge.isNegative() || ttl.isNegative() || retain.isNegative()) {
            throw new IllegalArgumentException("historySize, historyAge, ttl and retain must not be negative");
        }
        if (key != null && (key.isEmpty() || key.length() > MAX_KEY_LENGTH)) {
            throw new PublishException(
                    PublishException.Outcome.INVALID,
                    "the idempotency key has " + key.length() + " characters; it needs 1 to " + MAX_KEY_LENGTH);
        }
    }

    /** Keeps so many messages for so long. */
    public PublishOptions(int historySize, Duration historyAge) {
        this(historySize, historyAge, historyAge, null);
    }

    /** The same without a retained message. */
    public PublishOptions(int historySize, Duration historyAge, Duration ttl, @Nullable String key) {
        this(historySize, historyAge, ttl, key, Duration.ZERO);
    }

    /** The same with an idempotency key. */
    public PublishOptions withKey(String idempotencyKey) {
        return new PublishOptions(historySize, historyAge, ttl, idempotencyKey, retain);
    }

    /** The same, and for so long the message is the retained one of its channel. */
    public PublishOptions withRetain(Duration life) {
        return new PublishOptions(historySize, historyAge, ttl, key, life);
    }

    /** Whether the message enters the log. */
    public boolean isLogged() {
        return historySize > 0 && !historyAge.isZero() && !ttl.isZero();
    }
}
