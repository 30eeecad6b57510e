/** Channels, events and cursors, the hub, and the interfaces that adapters implement. */
@NullMarked
package dev.pushy.core;

import org.jspecify.annotations.NullMarked;
