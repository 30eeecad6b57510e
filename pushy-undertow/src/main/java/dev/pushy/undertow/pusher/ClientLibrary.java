package dev.pushy.undertow.pusher;

import org.jspecify.annotations.Nullable;

/** The client libraries that need something of their own, as they name themselves when they connect. */
enum ClientLibrary {
    /** Tries to decrypt every event of an encrypted channel but an empty one. */
    JAVA("java-client"),
    /** The same, and listens for errors of subscriptions under another name. */
    DOTNET("pusher-dotnet-client"),
    /** All others. */
    OTHER("");

    private final String name;

    ClientLibrary(String name) {
        this.name = name;
    }

    static ClientLibrary of(@Nullable String name) {
        for (ClientLibrary library : values()) {
            if (library.name.equals(name)) {
                return library;
            }
        }
        return OTHER;
    }

    /** Whether an event of the protocol on an encrypted channel does no harm. */
    boolean readsPlainOnEncrypted() {
        return this == OTHER;
    }

    String subscriptionError() {
        return this == DOTNET ? "pusher_internal:subscription_error" : "pusher:subscription_error";
    }
}
