/** The standalone server: configuration, wiring, metrics and health. */
@NullMarked
package dev.pushy.server;

import org.jspecify.annotations.NullMarked;
