package dev.pushy.undertow.protocol;

import dev.pushy.core.InvalidChannelException;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.PublishException;
import dev.pushy.core.PushyException;
import dev.pushy.core.UnavailableException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Every way in which a native request can fail: the stable word that clients see, and its HTTP status. */
public enum Fault {
    /** Not JSON, not UTF-8, too deep, or not an object. */
    INVALID_JSON(400, "The JSON is not valid"),
    /** A message without data. */
    MISSING_DATA(400, "The message has no data"),
    /** No name of a channel, or no pattern. */
    INVALID_CHANNEL(400, "The channel is not valid"),
    /** No name of an event. */
    INVALID_EVENT(400, "The event name is not valid"),
    /** Another member or parameter is wrong. */
    INVALID_REQUEST(400, "The request is not valid"),
    /** More subscriptions than one connection may have. */
    TOO_MANY_SUBSCRIPTIONS(400, "Too many subscriptions"),
    /** No credentials, or wrong ones. */
    UNAUTHORIZED(401, "Unauthorized"),
    /** The token has expired while its connection was open. */
    TOKEN_EXPIRED(401, "The token has expired"),
    /** No token came in time. */
    AUTH_TIMEOUT(401, "No token came in time"),
    /** Good credentials that do not allow this. */
    FORBIDDEN(403, "Forbidden"),
    /** The token was revoked while its connection was open, or a publisher ended the connection. */
    REVOKED(403, "Revoked"),
    /** There is no such thing here. */
    NOT_FOUND(404, "Not found"),
    /** It does not take this method. */
    METHOD_NOT_ALLOWED(405, "Method not allowed"),
    /** The body did not come in time. */
    TIMEOUT(408, "Request timeout"),
    /** More bytes than allowed. */
    TOO_LARGE(413, "Too large"),
    /** The body is not said to be JSON. */
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
    /** The client asks more often than it may. */
    RATE_LIMITED(429, "Rate limited"),
    /** A queue of ours is full; nothing was sent. */
    OVERLOADED(429, "Overloaded"),
    /** A fault of ours. */
    INTERNAL(500, "Internal error"),
    /** The broker did not accept it and never will. */
    BROKER_UNAVAILABLE(503, "The broker is not available"),
    /** The server is about to stop. */
    DRAINING(503, "The server is stopping"),
    /** Nobody knows whether the broker accepted it. */
    UNKNOWN(504, "The outcome is unknown");

    private final int status;
    private final String title;

    Fault(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** A short human word, the same for every occurrence. */
    public String title() {
        return title;
    }

    /** The stable word for programs. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Which fault a failure of the core is. */
    public static Fault of(@Nullable Throwable thrown) {
        Throwable cause = cause(thrown);
        if (cause instanceof RequestException request) {
            return request.fault();
        }
        if (cause instanceof PublishException publish) {
            return switch (publish.outcome()) {
                case REJECTED -> BROKER_UNAVAILABLE;
                case UNKNOWN -> UNKNOWN;
                case OVERLOADED -> OVERLOADED;
                case INVALID -> INVALID_REQUEST;
            };
        }
        if (cause instanceof InvalidChannelException) {
            return INVALID_CHANNEL;
        }
        if (cause instanceof InvalidTokenException) {
            return UNAUTHORIZED;
        }
        if (cause instanceof UnavailableException) {
            return BROKER_UNAVAILABLE;
        }
        return cause instanceof RejectedExecutionException ? OVERLOADED : INTERNAL;
    }

    /** What may be said to a client about a failure: nothing of what we did not write for clients. */
    public static String detail(@Nullable Throwable thrown) {
        Throwable cause = cause(thrown);
        if (cause instanceof RejectedExecutionException) {
            return "too many requests wait for a worker thread: try again after a moment";
        }
        String message = cause instanceof PushyException ? cause.getMessage() : null;
        return message != null ? message : "something went wrong here; the server's log says what";
    }

    private static @Nullable Throwable cause(@Nullable Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
