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
    INVALID_JSON(400),
    /** A message without data. */
    MISSING_DATA(400),
    /** No name of a channel, or no pattern. */
    INVALID_CHANNEL(400),
    /** No name of an event. */
    INVALID_EVENT(400),
    /** Another member or parameter is wrong. */
    INVALID_REQUEST(400),
    /** More subscriptions than one connection may have. */
    TOO_MANY_SUBSCRIPTIONS(400),
    /** No credentials, or wrong ones. */
    UNAUTHORIZED(401),
    /** The token has expired while its connection was open. */
    TOKEN_EXPIRED(401),
    /** No token came in time. */
    AUTH_TIMEOUT(401),
    /** Good credentials that do not allow this. */
    FORBIDDEN(403),
    /** The token was revoked while its connection was open, or a publisher ended the connection. */
    REVOKED(403),
    /** There is no such thing here. */
    NOT_FOUND(404),
    /** It does not take this method. */
    METHOD_NOT_ALLOWED(405),
    /** The body did not come in time. */
    TIMEOUT(408),
    /** More bytes than allowed. */
    TOO_LARGE(413),
    /** The body is not said to be JSON. */
    UNSUPPORTED_MEDIA_TYPE(415),
    /** The client asks more often than it may. */
    RATE_LIMITED(429),
    /** A queue of ours is full; nothing was sent. */
    OVERLOADED(429),
    /** A fault of ours. */
    INTERNAL(500),
    /** The broker did not accept it and never will. */
    BROKER_UNAVAILABLE(503),
    /** The server is about to stop. */
    DRAINING(503),
    /** Nobody knows whether the broker accepted it. */
    UNKNOWN(504);

    private final int status;

    Fault(int status) {
        this.status = status;
    }

    /** The HTTP status. */
    public int status() {
        return status;
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
