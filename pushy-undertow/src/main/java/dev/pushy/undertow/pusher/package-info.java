/**
 * The Pusher Channels protocol, free of any HTTP server: what its clients say and hear, how its requests are signed, and
 * what its webhooks tell. Sockets and framing are the transports' concern.
 */
@NullMarked
package dev.pushy.undertow.pusher;

import org.jspecify.annotations.NullMarked;
