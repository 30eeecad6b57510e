/**
 * A cluster of real servers on a real Redis, with crowds of clients, publishers and faults, and an oracle that judges what
 * the clients heard.
 */
@NullMarked
package dev.pushy.server.cluster;

import org.jspecify.annotations.NullMarked;
