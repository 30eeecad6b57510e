package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/**
 * A token, or all tokens of a subject so far, declared void.
 *
 * @param app the app of the tokens
 * @param tokenId the {@code jti} of one token, or null
 * @param subject the subject whose tokens issued until {@code at} are void, or null
 * @param at when it was revoked, seconds since 1970
 * @param until when it has no meaning any more because the tokens have expired, seconds since 1970
 */
public record Revocation(
        String app, @Nullable String tokenId, @Nullable String subject, long at, long until) {

    /** Checks that it names a token or a subject. */
    public Revocation {
        if ((tokenId == null) == (subject == null)) {
            throw new IllegalArgumentException("a revocation names either a token id or a subject");
        }
    }
}
