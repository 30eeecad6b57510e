package dev.pushy.undertow.pusher;

/**
 * What the beginning of a channel's name says of the channel.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/using_channels/channels/">channel types</a>. The prefixes are
 * anchored, and the longest that fits counts: {@code my-private-x} and {@code private} are public.
 */
public enum ChannelKind {
    // The order matters: a prefix stands before those that it begins with.
    /** Authorized, opaque to the server, with a last event for those who come later. */
    ENCRYPTED_CACHE("private-encrypted-cache-"),
    /** Authorized and opaque to the server. */
    ENCRYPTED("private-encrypted-"),
    /** Authorized, with a last event for those who come later. */
    PRIVATE_CACHE("private-cache-"),
    /** Authorized. */
    PRIVATE("private-"),
    /** Authorized, whose subscribers are members, with a last event for those who come later. */
    PRESENCE_CACHE("presence-cache-"),
    /** Authorized, whose subscribers are members. */
    PRESENCE("presence-"),
    /** Open, with a last event for those who come later. */
    CACHE("cache-"),
    /** For the connections that are signed in as one user. */
    USER("#server-to-user-"),
    /** Open. */
    PUBLIC("");

    private final String prefix;

    ChannelKind(String prefix) {
        this.prefix = prefix;
    }

    /** The kind of the channel of this name. */
    public static ChannelKind of(String name) {
        for (ChannelKind kind : values()) {
            if (name.startsWith(kind.prefix)) {
                return kind;
            }
        }
        throw new IllegalStateException("the last kind fits every name");
    }

    /** How the names begin. */
    String prefix() {
        return prefix;
    }

    /** Whether a subscription needs a signature. */
    public boolean isAuthorized() {
        return switch (this) {
            case ENCRYPTED_CACHE, ENCRYPTED, PRIVATE_CACHE, PRIVATE, PRESENCE_CACHE, PRESENCE -> true;
            case CACHE, USER, PUBLIC -> false;
        };
    }

    /** Whether subscribers are members whom the others hear of. */
    public boolean hasMembers() {
        return this == PRESENCE || this == PRESENCE_CACHE;
    }

    /** Whether the last event is kept for those who come later. */
    public boolean hasCache() {
        return this == CACHE || this == PRIVATE_CACHE || this == PRESENCE_CACHE || this == ENCRYPTED_CACHE;
    }

    /** Whether only clients can read the data. */
    public boolean isEncrypted() {
        return this == ENCRYPTED || this == ENCRYPTED_CACHE;
    }
}
