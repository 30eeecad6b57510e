package dev.pushy.core;

/**
 * Turns tokens into grants and back. May block; it is called on worker threads only, by several at once.
 */
public interface TokenService {

    /**
     * What the token allows.
     *
     * @throws InvalidTokenException if it is malformed, void, expired or not signed by us; the message never holds it
     */
    Grant verify(String token);

    /**
     * A token for this grant. Where the grant has no token id, issue time or expiry, the service may choose them.
     *
     * @throws UnsupportedOperationException if tokens are issued elsewhere
     */
    String issue(Grant grant);
}
