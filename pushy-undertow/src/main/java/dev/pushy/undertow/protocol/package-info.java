/**
 * What clients and server say to each other, apart from how it travels: pure protocol, without Undertow or XNIO.
 */
@NullMarked
package dev.pushy.undertow.protocol;

import org.jspecify.annotations.NullMarked;
