package dev.pushy.core.jwt;

import com.auth0.jwt.algorithms.Algorithm;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A key, and the algorithms that it may be used with: a token that names another one is not checked with it. This is what
 * keeps a public key from being taken for the secret of an HMAC.
 *
 * @param id by which a token's {@code kid} picks it, or null
 * @param algorithms by their JWA names (RFC 7518 section 3.1)
 */
record VerificationKey(@Nullable String id, Map<String, Algorithm> algorithms) {
    private static final int LEAST_RSA_BITS = 2048;

    VerificationKey {
        algorithms = Map.copyOf(algorithms);
    }

    static VerificationKey ofSecret(@Nullable String id, String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        return new VerificationKey(
                id,
                Map.of(
                        "HS256", Algorithm.HMAC256(bytes),
                        "HS384", Algorithm.HMAC384(bytes),
                        "HS512", Algorithm.HMAC512(bytes)));
    }

    /**
     * A public key with all algorithms that fit it.
     *
     * @throws IllegalArgumentException if it is too weak or of a kind that no supported algorithm uses
     */
    static VerificationKey ofPublicKey(@Nullable String id, PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return new VerificationKey(id, rsaAlgorithms(rsa));
        }
        if (key instanceof ECPublicKey ec) {
            return new VerificationKey(id, ecAlgorithm(ec));
        }
        throw new IllegalArgumentException(
                "the public key is of kind " + key.getAlgorithm() + "; RSA and EC keys can be used");
    }

    /**
     * This key with only those of its algorithms.
     *
     * @throws IllegalArgumentException if one does not fit the key
     */
    VerificationKey only(Collection<String> names) {
        Map<String, Algorithm> chosen = new LinkedHashMap<>();
        for (String name : names) {
            Algorithm algorithm = algorithms.get(name);
            if (algorithm == null) {
                throw new IllegalArgumentException("the key cannot be used with algorithm " + name + ", only with "
                        + algorithms.keySet().stream().sorted().toList());
            }
            chosen.put(name, algorithm);
        }
        return new VerificationKey(id, chosen);
    }

    private static Map<String, Algorithm> rsaAlgorithms(RSAPublicKey key) {
        int bits = key.getModulus().bitLength();
        if (bits < LEAST_RSA_BITS) {
            throw new IllegalArgumentException(
                    "the RSA key has " + bits + " bits, at least " + LEAST_RSA_BITS + " are required");
        }
        return Map.of(
                "RS256", Algorithm.RSA256(key, null),
                "RS384", Algorithm.RSA384(key, null),
                "RS512", Algorithm.RSA512(key, null),
                "PS256", Algorithm.RSA256PSS(key, null),
                "PS384", Algorithm.RSA384PSS(key, null),
                "PS512", Algorithm.RSA512PSS(key, null));
    }

    /** Each algorithm has its own curve, RFC 7518 section 3.4. */
    private static Map<String, Algorithm> ecAlgorithm(ECPublicKey key) {
        if (PublicKeys.isOnCurve(key, "secp256r1")) {
            return Map.of("ES256", Algorithm.ECDSA256(key, null));
        }
        if (PublicKeys.isOnCurve(key, "secp384r1")) {
            return Map.of("ES384", Algorithm.ECDSA384(key, null));
        }
        if (PublicKeys.isOnCurve(key, "secp521r1")) {
            return Map.of("ES512", Algorithm.ECDSA512(key, null));
        }
        throw new IllegalArgumentException("the EC key is on an unknown curve; P-256, P-384 and P-521 can be used");
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "VerificationKey[" + algorithms.keySet().stream().sorted().toList() + "]";
    }
}
