package dev.pushy.redis;

import dev.pushy.core.PublishException;
import dev.pushy.core.PushyException;
import dev.pushy.core.UnavailableException;
import java.util.concurrent.CompletionException;

/** A script was not run, or nobody knows whether it was. */
final class BackplaneException extends PushyException {
    private static final long serialVersionUID = 1L;

    /** What became of the call. */
    enum Kind {
        /** Nothing was done, and what refused it may pass: no connection, out of memory, read-only. */
        REFUSED,
        /** Nothing was done: another server must be asked, which is being found out. */
        MOVED,
        /** Sent, but no answer came. */
        UNANSWERED,
        /** Too many calls wait; not sent. */
        OVERLOADED,
        /** The script failed: a key of the wrong type, say. What it did before it failed is done. */
        FAULT
    }

    private final Kind kind;

    BackplaneException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** What a stage failed with, as those hear it who read. */
    static UnavailableException unavailable(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof UnavailableException known) {
            return known;
        }
        return new UnavailableException(cause.getMessage() + ": try again later", cause);
    }

    /** What a stage failed with, as publishers hear it. */
    static PublishException publishFailure(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof PublishException known) {
            return known;
        }
        Kind kind = cause instanceof BackplaneException known ? known.kind : Kind.UNANSWERED;
        return switch (kind) {
            case OVERLOADED ->
                new PublishException(PublishException.Outcome.OVERLOADED, String.valueOf(cause.getMessage()), cause);
            case UNANSWERED ->
                new PublishException(
                        PublishException.Outcome.UNKNOWN,
                        cause.getMessage() + ": publish again only with the same idempotency key",
                        cause);
            case REFUSED, MOVED, FAULT ->
                new PublishException(
                        PublishException.Outcome.REJECTED, cause.getMessage() + ": publish again later", cause);
        };
    }

    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
