package dev.pushy.undertow.transport.sockjs;

import java.net.URI;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where sessions of other nodes were when that was last asked, for when nobody answers. Thread-safe.
 *
 * <p>Bounded: when many have been noted, those that were not noted again since are forgotten.
 */
final class LastKnown {
    private static final int LONGEST_NAME = 256;

    private final int many;
    private volatile ConcurrentHashMap<String, URI> recent = new ConcurrentHashMap<>();
    private volatile ConcurrentHashMap<String, URI> before = new ConcurrentHashMap<>();

    /** Holds twice as many at most, or a few more. */
    LastKnown(int many) {
        this.many = many;
    }

    /** The session is on this node, or on none that is known. */
    void note(String session, Optional<URI> node) {
        if (node.isEmpty()) {
            recent.remove(session);
            before.remove(session);
        } else if (session.length() <= LONGEST_NAME) {
            recent.put(session, node.get());
            if (recent.size() > many) {
                before = recent;
                recent = new ConcurrentHashMap<>();
            }
        }
    }

    Optional<URI> of(String session) {
        URI node = recent.get(session);
        return Optional.ofNullable(node != null ? node : before.get(session));
    }
}
