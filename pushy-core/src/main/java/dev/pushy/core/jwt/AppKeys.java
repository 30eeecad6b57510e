package dev.pushy.core.jwt;

import com.auth0.jwt.algorithms.Algorithm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one app.
 *
 * @param verifying where the keys that check its tokens come from
 * @param signing what signs its new tokens, or null if they are issued elsewhere
 * @param signingId the {@code kid} of new tokens, or null
 */
record AppKeys(
        List<KeySet> verifying,
        @Nullable Algorithm signing,
        @Nullable String signingId) {
    private static final int LEAST_SECRET_BYTES = 32;

    /** The keys of one app while they are collected. */
    static final class Collector {
        private final String app;
        private final List<VerificationKey> fixed = new ArrayList<>();
        private final List<KeySet> remote = new ArrayList<>();
        private @Nullable Algorithm signing;
        private @Nullable String signingId;

        Collector(String app) {
            this.app = app;
        }

        void secret(@Nullable String keyId, String secret, boolean mayBeShort) {
            requireStrong(secret, mayBeShort);
            fixed.add(VerificationKey.ofSecret(keyId, secret));
            if (signing == null) {
                signing = Algorithm.HMAC512(secret.getBytes(StandardCharsets.UTF_8));
                signingId = keyId;
            }
        }

        private void requireStrong(String secret, boolean mayBeShort) {
            if (secret.contains("-----BEGIN ")) {
                throw new IllegalArgumentException(
                        "the secret of app " + app + " is a PEM key: add it as a public key");
            }
            int bytes = secret.getBytes(StandardCharsets.UTF_8).length;
            if (bytes == 0 || (bytes < LEAST_SECRET_BYTES && !mayBeShort)) {
                throw new IllegalArgumentException("the secret of app " + app + " has " + bytes + " bytes, at least "
                        + LEAST_SECRET_BYTES + " are required: make one with a random generator");
            }
        }

        void publicKey(VerificationKey key) {
            fixed.add(key);
        }

        void remote(KeySet keys) {
            remote.add(keys);
        }

        boolean isEmpty() {
            return fixed.isEmpty() && remote.isEmpty();
        }

        AppKeys collected() {
            List<KeySet> all = new ArrayList<>();
            all.add(new FixedKeys(fixed));
            all.addAll(remote);
            return new AppKeys(List.copyOf(all), signing, signingId);
        }
    }
}
