package dev.pushy.core;

/** A text is no channel name, or no pattern. */
public final class InvalidChannelException extends PushyException {
    private static final long serialVersionUID = 1L;

    InvalidChannelException(String message) {
        super(message);
    }
}
