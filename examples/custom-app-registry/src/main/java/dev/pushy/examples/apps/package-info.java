/** A product whose customers are apps of the Pusher protocol, known to nobody but the product. */
@NullMarked
package dev.pushy.examples.apps;

import org.jspecify.annotations.NullMarked;
