package dev.pushy.core;

/** Why the server ends a connection. Each protocol has its own code for each. */
public enum CloseReason {
    /** The server is shutting down; come back after a delay. */
    DRAIN(true),
    /** The stream has reached its maximum age; come back at once. */
    MAX_AGE(true),
    /** The connection does not read as fast as its channels speak. */
    SLOW_CONSUMER(true),
    /** The connection did not answer pings. */
    UNRESPONSIVE(true),
    /** The token has expired. */
    TOKEN_EXPIRED(false),
    /** No token, or one that is not accepted. */
    UNAUTHORIZED(false),
    /** The token was revoked, or a publisher disconnected the client. */
    REVOKED(false),
    /** No token came in time. */
    AUTH_TIMEOUT(false),
    /** The client does what it may not. */
    FORBIDDEN(false),
    /** The client sent what cannot be understood. */
    BAD_REQUEST(false),
    /** The client sends more often than it may. */
    RATE_LIMITED(true),
    /** A fault of ours. */
    INTERNAL(true),
    /** The client went away. */
    CLIENT_GONE(true);

    private final boolean reconnect;

    CloseReason(boolean reconnect) {
        this.reconnect = reconnect;
    }

    /** Whether connecting again with the same token makes sense. */
    public boolean mayReconnect() {
        return reconnect;
    }
}
