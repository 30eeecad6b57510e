/** An application whose own sessions serve as Pushy tokens. */
@NullMarked
package dev.pushy.examples.tokens;

import org.jspecify.annotations.NullMarked;
