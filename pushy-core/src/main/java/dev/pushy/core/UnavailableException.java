package dev.pushy.core;

/** A broker or store cannot answer now; trying again later is right. */
public final class UnavailableException extends PushyException {
    private static final long serialVersionUID = 1L;

    /** Says what is away and what the caller may do. */
    public UnavailableException(String message) {
        super(message);
    }

    /** The same with its cause. */
    public UnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
