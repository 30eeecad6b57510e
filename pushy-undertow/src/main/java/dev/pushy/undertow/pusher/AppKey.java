package dev.pushy.undertow.pusher;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A public key of an app and the secret that signs for it.
 *
 * @param key what clients name their app by
 * @param secret what signatures are made with, never sent
 */
public record AppKey(String key, String secret) {

    /** Checks that neither is empty. */
    public AppKey {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(secret, "secret");
        if (key.isEmpty() || secret.isEmpty()) {
            throw new IllegalArgumentException("an app key and its secret must not be empty");
        }
    }

    byte[] secretBytes() {
        return secret.getBytes(StandardCharsets.UTF_8);
    }

    /** The public half. */
    @Override
    public String toString() {
        return "AppKey[" + key + "]";
    }
}
