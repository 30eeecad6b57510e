/** Sockets and framing: Server-Sent Events, WebSocket and long poll. */
@NullMarked
package dev.pushy.undertow.transport;

import org.jspecify.annotations.NullMarked;
