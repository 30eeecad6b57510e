/** An application that knows nothing of Pushy but its address: all is done by the libraries of Pusher. */
@NullMarked
package dev.pushy.examples.pusher;

import org.jspecify.annotations.NullMarked;
