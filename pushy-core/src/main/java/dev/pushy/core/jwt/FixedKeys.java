package dev.pushy.core.jwt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys that were configured one by one. */
final class FixedKeys implements KeySet {
    private final List<VerificationKey> keys;

    FixedKeys(List<VerificationKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Those of the token's {@code kid}; where there is none of it, those without an id; where the token names no key,
     * all.
     */
    @Override
    public List<VerificationKey> find(@Nullable String keyId, String algorithm) {
        List<VerificationKey> named = new ArrayList<>();
        List<VerificationKey> unnamed = new ArrayList<>();
        for (VerificationKey key : keys) {
            if (!key.algorithms().containsKey(algorithm)) {
                continue;
            }
            if (keyId == null || keyId.equals(key.id())) {
                named.add(key);
            } else if (key.id() == null) {
                unnamed.add(key);
            }
        }
        return named.isEmpty() ? unnamed : named;
    }
}
