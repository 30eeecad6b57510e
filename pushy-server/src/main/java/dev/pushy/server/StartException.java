package dev.pushy.server;

/** Says in one line why the server could not start, and what to do about it. */
final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
