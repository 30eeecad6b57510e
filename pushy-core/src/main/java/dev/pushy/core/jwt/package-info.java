/** Tokens as signed JWTs. */
@NullMarked
package dev.pushy.core.jwt;

import org.jspecify.annotations.NullMarked;
