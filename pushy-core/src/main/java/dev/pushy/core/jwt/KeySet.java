package dev.pushy.core.jwt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where keys come from. Thread-safe; may block. */
interface KeySet {

    /**
     * The keys to try for a token.
     *
     * @param keyId the token's {@code kid}, or null
     * @param algorithm the token's {@code alg}
     * @throws dev.pushy.core.UnavailableException if the key may exist but cannot be had now
     */
    List<VerificationKey> find(@Nullable String keyId, String algorithm);
}
