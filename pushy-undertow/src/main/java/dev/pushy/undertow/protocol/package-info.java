/** What clients and server say to each other, free of any transport. */
@NullMarked
package dev.pushy.undertow.protocol;

import org.jspecify.annotations.NullMarked;
