/**
 * Tokens as signed JWTs (RFC 7519). {@link dev.pushy.core.jwt.JwtTokenService} is the only type for users; nothing outside
 * this package sees the JWT library.
 */
@NullMarked
package dev.pushy.core.jwt;

import org.jspecify.annotations.NullMarked;
