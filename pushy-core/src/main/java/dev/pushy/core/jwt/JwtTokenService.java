package dev.pushy.core.jwt;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.SignatureVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import dev.pushy.core.Channel;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.TokenService;
import java.net.URI;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tokens as JWTs (RFC 7519): checks those of the configured keys, issues HS512.
 *
 * <p>HS256, HS384 and HS512 with secrets; RS*, PS* and ES* with public keys from PEM files or JWKS URLs. Each key is bound
 * to its algorithms, so {@code none} and an HMAC made with a public key are refused. A token belongs to the app that its
 * claim {@code app} names, {@code default} without one, and only the keys of that app can verify it. Where the token has a
 * {@code kid}, the keys with that id are tried, else those without an id.
 *
 * <p>Claims: {@code sub} and {@code channels} are required, {@code publish}, {@code meta}, {@code jti}, {@code iat},
 * {@code exp} and {@code nbf} optional. Times have a leeway. A token that claims to be issued in the future is refused,
 * since no revocation of its subject could reach it.
 *
 * <p>Immutable, thread-safe. Nothing that it throws or prints has a token or a key in it.
 */
public final class JwtTokenService implements TokenService {
    /** The longest token that is looked at, in characters. */
    public static final int MAX_LENGTH = 16 * 1024;

    private static final int TOKEN_ID_BYTES = 16;

    private final Map<String, AppKeys> apps;
    private final TokenTimes times;
    private final @Nullable Duration life;
    private final Set<String> issuers;
    private final Set<String> audiences;
    private final SecureRandom random = new SecureRandom();

    JwtTokenService(Builder builder) {
        Map<String, AppKeys> keys = new HashMap<>();
        builder.apps.forEach((app, collector) -> keys.put(app, collector.collected()));
        this.apps = Map.copyOf(keys);
        this.times = new TokenTimes(builder.clock, builder.leeway, builder.requireExpiry);
        this.life = builder.life;
        this.issuers = Set.copyOf(builder.issuers);
        this.audiences = Set.copyOf(builder.audiences);
    }

    /**
     * Tokens of one app, checked and signed with one secret.
     *
     * @param secret at least 32 bytes
     */
    public static JwtTokenService hs512(String secret) {
        return builder().secret(secret).build();
    }

    /** Begins to set up a service of several keys or apps. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@inheritDoc}
     *
     * @throws dev.pushy.core.UnavailableException if the key may be at a JWKS URL that cannot be reached now
     */
    @Override
    public Grant verify(String token) {
        if (token.length() > MAX_LENGTH) {
            throw new InvalidTokenException(
                    "the token has " + token.length() + " characters, the limit is " + MAX_LENGTH);
        }
        DecodedJWT decoded = decode(token);
        String app = GrantClaims.app(decoded);
        requireSignature(decoded, app);
        Long expiresAt = times.check(decoded);
        requireOneOf("iss", issuers, decoded.getClaim("iss").asString());
        requireAudience(decoded);
        return GrantClaims.read(decoded, app, expiresAt);
    }

    private static DecodedJWT decode(String token) {
        try {
            DecodedJWT decoded = JWT.decode(token);
            Objects.requireNonNull(decoded.getAlgorithm(), "alg");
            Objects.requireNonNull(decoded.getClaim("sub"), "payload");
            return decoded;
        } catch (RuntimeException e) { // what it says quotes the token; a part that is JSON null throws but now
            throw new InvalidTokenException(
                    "the token is malformed: it must be a signed JWT, header.payload.signature");
        }
    }

    private void requireSignature(DecodedJWT token, String app) {
        AppKeys keys = apps.get(app);
        String name = token.getAlgorithm();
        if (keys != null) {
            for (KeySet set : keys.verifying()) {
                for (VerificationKey key : set.find(token.getKeyId(), name)) {
                    Algorithm algorithm = key.algorithms().get(name);
                    if (algorithm != null && isSigned(token, algorithm)) {
                        return;
                    }
                }
            }
        }
        throw new InvalidTokenException("the token is not signed with a key of its app");
    }

    private static boolean isSigned(DecodedJWT token, Algorithm algorithm) {
        try {
            algorithm.verify(token);
            return true;
        } catch (SignatureVerificationException e) {
            return false;
        }
    }

    private void requireAudience(DecodedJWT token) {
        if (audiences.isEmpty()) {
            return;
        }
        List<String> claimed = token.getAudience();
        for (String audience : claimed == null ? List.<String>of() : claimed) {
            if (audiences.contains(audience)) {
                return;
            }
        }
        throw new InvalidTokenException("the token's claim aud does not name this server");
    }

    private static void requireOneOf(String claim, Set<String> allowed, @Nullable String value) {
        if (!allowed.isEmpty() && (value == null || !allowed.contains(value))) {
            throw new InvalidTokenException("the token's claim " + claim + " is not one that is accepted here");
        }
    }

    /**
     * A token signed with the first secret of the grant's app. What the grant does not say is chosen: a random id, the
     * present time, the configured life. {@code exp} is the grant's expiry as it stands, and verifying the token gives
     * one that is later by the leeway.
     *
     * @throws UnsupportedOperationException if the app has no secret, so that its tokens are issued elsewhere
     * @throws IllegalArgumentException if the grant's meta is not JSON, or a pattern is of another app
     * @throws InvalidTokenException if the token would be longer than what is accepted
     */
    @Override
    public String issue(Grant grant) {
        AppKeys keys = apps.get(grant.app());
        Algorithm signing = keys == null ? null : keys.signing();
        if (keys == null || signing == null) {
            throw new UnsupportedOperationException("app " + grant.app() + " has no secret to sign tokens with");
        }
        var token = GrantClaims.write(grant);
        token.withJWTId(grant.tokenId() == null ? newTokenId() : grant.tokenId());
        times.write(token, grant, life);
        if (keys.signingId() != null) {
            token.withKeyId(keys.signingId());
        }
        if (!issuers.isEmpty()) {
            token.withIssuer(issuers.iterator().next());
        }
        if (!audiences.isEmpty()) {
            token.withAudience(audiences.toArray(String[]::new));
        }
        String signed = token.sign(signing);
        if (signed.length() > MAX_LENGTH) {
            throw new InvalidTokenException("the token would have " + signed.length() + " characters, the limit is "
                    + MAX_LENGTH + ": use fewer channels, patterns, or less meta");
        }
        return signed;
    }

    private String newTokenId() {
        byte[] bytes = new byte[TOKEN_ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The names of the apps; no key. */
    @Override
    public String toString() {
        return "JwtTokenService" + apps.keySet().stream().sorted().toList();
    }

    /** Collects keys and rules. At least one key is needed. */
    public static final class Builder {
        private final Map<String, AppKeys.Collector> apps = new HashMap<>();
        private final Set<String> issuers = new LinkedHashSet<>();
        private final Set<String> audiences = new LinkedHashSet<>();
        private Duration leeway = Duration.ofSeconds(30);
        private @Nullable Duration life = Duration.ofDays(1);
        private Clock clock = Clock.systemUTC();
        private boolean requireExpiry;
        private boolean shortSecrets;

        private Builder() {}

        /** Adds a secret of the default app. See {@link #secret(String, String, String)}. */
        public Builder secret(String secret) {
            return secret(Channel.DEFAULT_APP, null, secret);
        }

        /**
         * Adds a secret for HS256, HS384 and HS512. The first one of an app signs its new tokens.
         *
         * @param keyId the {@code kid} that picks it, or null
         * @param secret at least 32 bytes of UTF-8, as RFC 7518 section 3.2 asks for
         * @throws IllegalArgumentException if it is shorter, unless {@link #allowShortSecrets} was called before
         */
        public Builder secret(String app, @Nullable String keyId, String secret) {
            keys(app).secret(keyId, secret, shortSecrets);
            return this;
        }

        /** Accepts shorter secrets from now on. They can be guessed: for development only. */
        public Builder allowShortSecrets() {
            this.shortSecrets = true;
            return this;
        }

        /**
         * Adds the RSA or EC public key of a PEM file, with every algorithm that fits it.
         *
         * @throws IllegalArgumentException if the file holds none, or a weak one
         */
        public Builder publicKey(String app, @Nullable String keyId, Path pem) {
            return publicKey(app, keyId, PublicKeys.read(pem));
        }

        /**
         * Adds an RSA key of 2048 bits or more, or an EC key on P-256, P-384 or P-521, with every algorithm that fits it.
         *
         * @throws IllegalArgumentException if it is another one
         */
        public Builder publicKey(String app, @Nullable String keyId, PublicKey key) {
            keys(app).publicKey(VerificationKey.ofPublicKey(keyId, key));
            return this;
        }

        /** The same, for these algorithms only, such as {@code RS256}. */
        public Builder publicKey(String app, @Nullable String keyId, PublicKey key, Collection<String> algorithms) {
            keys(app).publicKey(VerificationKey.ofPublicKey(keyId, key).only(algorithms));
            return this;
        }

        /**
         * Adds the public keys of a JWKS URL. They are fetched when first needed and kept for 10 minutes. Needs
         * {@code com.auth0:jwks-rsa} on the class path.
         *
         * @throws IllegalArgumentException if it is not an https URL, or http to this host
         */
        public Builder jwks(String app, URI url) {
            keys(app).remote(new JwksKeys(url));
            return this;
        }

        private AppKeys.Collector keys(String app) {
            return apps.computeIfAbsent(app, AppKeys.Collector::new);
        }

        /** By how much the clocks of issuers may differ from ours. Default: 30 seconds. */
        public Builder leeway(Duration difference) {
            if (difference.isNegative() || difference.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException("the leeway is " + difference + ", it must be 0 to 1 hour");
            }
            this.leeway = difference;
            return this;
        }

        /** The life of issued tokens whose grant has no expiry; null: they never expire. Default: one day. */
        public Builder life(@Nullable Duration time) {
            if (time != null && (time.isNegative() || time.isZero())) {
                throw new IllegalArgumentException("the life of tokens is " + time + ", it must be positive");
            }
            this.life = time;
            return this;
        }

        /** Refuses tokens without {@code exp}. Default: they are accepted. */
        public Builder requireExpiry(boolean required) {
            this.requireExpiry = required;
            return this;
        }

        /** Accepts only tokens with one of these in {@code iss}; the first is put into issued ones. Default: any. */
        public Builder issuers(String... names) {
            this.issuers.addAll(Arrays.asList(names));
            return this;
        }

        /** Accepts only tokens with one of these in {@code aud}; issued ones have them all. Default: any. */
        public Builder audiences(String... names) {
            this.audiences.addAll(Arrays.asList(names));
            return this;
        }

        /** What time it is; for tests. */
        public Builder clock(Clock source) {
            this.clock = source;
            return this;
        }

        /**
         * The service.
         *
         * @throws IllegalArgumentException if there is no key
         */
        public JwtTokenService build() {
            if (apps.isEmpty() || apps.values().stream().anyMatch(AppKeys.Collector::isEmpty)) {
                throw new IllegalArgumentException(
                        "a token service needs a key: add a secret, a public key or a JWKS URL");
            }
            return new JwtTokenService(this);
        }
    }
}
