package dev.pushy.core;

/** A token is malformed, expired, revoked, or signed by somebody else. */
public final class InvalidTokenException extends PushyException {
    private static final long serialVersionUID = 1L;

    /** Says why the token is refused; never with the token itself. */
    public InvalidTokenException(String message) {
        super(message);
    }
}
