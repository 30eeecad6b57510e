/** Several nodes as one, through Redis. */
@NullMarked
package dev.pushy.redis;

import org.jspecify.annotations.NullMarked;
