package dev.pushy.server;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with the configuration, told so that it can be put right: where, which key, what would do.
 *
 * @param origin where it was written; null where the fault is that nothing was
 * @param key the key's path, or an empty text where the fault is the file's
 * @param message what is wrong and what would be right; holds no secret
 */
record Fault(@Nullable Origin origin, String key, String message) {

    @Override
    public String toString() {
        String place = origin == null ? "" : origin + ": ";
        return key.isEmpty() ? place + message : place + key + ": " + message;
    }
}
