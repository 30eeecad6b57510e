/** The HTTP API: tokens, publishing, presence, history and channels. */
@NullMarked
package dev.pushy.undertow.api;

import org.jspecify.annotations.NullMarked;
