/** Puts Pushy into an Undertow server: one handler to mount at any prefix. */
@NullMarked
package dev.pushy.undertow;

import org.jspecify.annotations.NullMarked;
