/** Crowds of clients on real sockets: random scenarios and what must hold of each, leaks, exact counts, bad clients. */
@NullMarked
package dev.pushy.undertow.wire;

import org.jspecify.annotations.NullMarked;
