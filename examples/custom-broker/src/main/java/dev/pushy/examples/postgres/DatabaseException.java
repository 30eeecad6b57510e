package dev.pushy.examples.postgres;

import dev.pushy.core.PublishException.Outcome;
import org.jspecify.annotations.Nullable;

/** A call of the database failed. Its message is fit for a client. */
final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    /** A failure, and what became of what was to be done. */
    DatabaseException(Outcome outcome, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    Outcome outcome() {
        return outcome;
    }

    /** Never null here. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
