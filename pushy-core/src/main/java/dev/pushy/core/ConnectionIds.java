package dev.pushy.core;

import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes connection ids: the node's number, a dot, and 64 random bits, both decimal. The form is that of a Pusher
 * {@code socket_id}, so that a connection can be named across protocols.
 */
final class ConnectionIds {
    private final SecureRandom random = new SecureRandom();
    private final String node;

    ConnectionIds() {
        long number = ThreadLocalRandom.current().nextLong(1, 1L << 40);
        this.node = number + ".";
    }

    /** Unguessable: ids name connections in requests of others. */
    String next() {
        return node + Long.toUnsignedString(random.nextLong());
    }

    boolean isOurs(String id) {
        return id.startsWith(node);
    }
}
