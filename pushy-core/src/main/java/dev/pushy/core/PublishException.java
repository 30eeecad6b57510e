package dev.pushy.core;

import java.util.Locale;
import java.util.Objects;

/** A publish was not accepted, or nobody knows whether it was. {@link #outcome()} says which. */
public final class PublishException extends PushyException {
    private static final long serialVersionUID = 1L;

    /** What became of the message. */
    public enum Outcome {
        /** Not stored and never will be: no connection, read-only, out of memory. Safe to publish again. */
        REJECTED,
        /** Sent, but no answer came. Publish again only with the same idempotency key. */
        UNKNOWN,
        /** The queue to the broker is above its high water; not sent. */
        OVERLOADED,
        /** The message itself is at fault; publishing it again fails again. */
        INVALID;

        /** The word for metrics. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Outcome outcome;

    /** A failure with its outcome and a message fit for a client. */
    public PublishException(Outcome outcome, String message) {
        super(message);
        this.outcome = Objects.requireNonNull(outcome, "outcome");
    }

    /** The same with its cause. */
    public PublishException(Outcome outcome, String message, Throwable cause) {
        super(message, cause);
        this.outcome = Objects.requireNonNull(outcome, "outcome");
    }

    /** What became of the message. */
    public Outcome outcome() {
        return outcome;
    }
}
