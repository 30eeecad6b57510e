package dev.pushy.core.jwt;

import com.auth0.jwt.JWTCreator;
import com.auth0.jwt.interfaces.Claim;
import com.auth0.jwt.interfaces.DecodedJWT;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a token is good: {@code exp}, {@code nbf} and {@code iat} of RFC 7519 section 4.1, seconds since 1970. Fractions
 * of a second are cut off.
 *
 * @param leeway by how much the issuer's clock may differ
 * @param requireExpiry whether a token without {@code exp} is refused
 */
record TokenTimes(Clock clock, Duration leeway, boolean requireExpiry) {
    /** The year 9999: what is beyond is no time that anybody means, and would overflow sooner or later. */
    private static final long LATEST = 253_402_300_799L;

    /**
     * Refuses a token that is not good now.
     *
     * @return from when on it is void, leeway included, or null for never
     */
    @Nullable
    Long check(DecodedJWT token) {
        long now = clock.instant().getEpochSecond();
        long slack = leeway.toSeconds();
        Long expires = seconds(token, "exp");
        if (expires == null && requireExpiry) {
            throw new InvalidTokenException("the token has no claim exp, which is required here");
        }
        if (expires != null && now >= expires + slack) {
            throw new InvalidTokenException("the token has expired: get a new one");
        }
        Long begins = seconds(token, "nbf");
        if (begins != null && now < begins - slack) {
            throw new InvalidTokenException("the token is not valid yet: its claim nbf lies in the future");
        }
        Long issued = seconds(token, "iat");
        if (issued != null && now < issued - slack) {
            throw new InvalidTokenException("the token's claim iat lies in the future: set the issuer's clock");
        }
        return expires == null ? null : expires + slack;
    }

    private static @Nullable Long seconds(DecodedJWT token, String name) {
        Claim claim = token.getClaim(name);
        if (claim.isMissing() || claim.isNull()) {
            return null;
        }
        Double value = claim.asDouble();
        if (value == null || !(value >= 0 && value <= LATEST)) {
            throw new InvalidTokenException("the token's claim " + name + " is not a time in seconds since 1970");
        }
        return value.longValue();
    }

    /** Writes issue time and expiry; what the grant does not say is now, and the life from now on. */
    void write(JWTCreator.Builder token, Grant grant, @Nullable Duration life) {
        long now = clock.instant().getEpochSecond();
        token.withIssuedAt(Instant.ofEpochSecond(grant.issuedAt() == null ? now : grant.issuedAt()));
        if (grant.expiresAt() != null) {
            token.withExpiresAt(Instant.ofEpochSecond(grant.expiresAt()));
        } else if (life != null) {
            token.withExpiresAt(Instant.ofEpochSecond(now).plus(life));
        }
    }
}
