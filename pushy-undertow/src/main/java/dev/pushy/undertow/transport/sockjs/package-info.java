/**
 * A SockJS 0.3 server: carries any protocol of texts over plain HTTP requests, for clients whose network lets neither
 * WebSocket nor streams through. One class for each of the transports that SockJS knows.
 *
 * <p>Source of the wire format: the test suite {@code sockjs-protocol}, and for the fallbacks of pusher-js that library
 * itself.
 */
@NullMarked
package dev.pushy.undertow.transport.sockjs;

import org.jspecify.annotations.NullMarked;
