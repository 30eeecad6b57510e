package dev.pushy.server;

import java.util.Set;

/** The credentials of development mode. Everybody knows them, so they are refused outside it. */
final class SampleCredentials {
    static final String AUTH_SECRET_KEY = "my-auth-secret-key-for-development-only";
    static final String CLIENT_ID = "my-client-id";
    static final String CLIENT_SECRET = "my-client-secret";
    static final String APP_ID = "1";
    static final String APP_KEY = "my-app-key";
    static final String APP_SECRET = "my-app-secret";

    /** These, and values that quick starts and copied files are full of. */
    private static final Set<String> KNOWN = Set.of(
            AUTH_SECRET_KEY,
            CLIENT_SECRET,
            APP_SECRET,
            "app-secret",
            "app_secret",
            "my-auth-secret-key",
            "your-auth-secret-key",
            "your-client-secret",
            "your-secret-key",
            "my-secret-key",
            "my-secret",
            "secret",
            "changeme",
            "change-me",
            "password");

    private SampleCredentials() {}

    /** Whether a secret is one that everybody knows. */
    static boolean contains(Secret secret) {
        return KNOWN.contains(secret.reveal());
    }
}
