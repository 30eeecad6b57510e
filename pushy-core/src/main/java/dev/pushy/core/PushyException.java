package dev.pushy.core;

/** The parent of every exception that Pushy throws to its users. Its message may be shown to a client. */
public class PushyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message fit for a client: it names the value, the limit and the remedy. */
    public PushyException(String message) {
        super(message);
    }

    /** The same with its cause, which is for the log only. */
    public PushyException(String message, Throwable cause) {
        super(message, cause);
    }
}
