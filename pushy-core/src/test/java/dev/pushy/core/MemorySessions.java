package dev.pushy.core;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Session directories of several nodes of one process, for tests with more nodes. */
public final class MemorySessions {
    private final Map<String, Node> owners = new HashMap<>();
    private final Map<String, Node> nodes = new HashMap<>();
    private boolean away;

    /** The directory of another node. */
    public SessionDirectory node() {
        return new Node();
    }

    /** Whether no question is answered. */
    public synchronized void setAway(boolean on) {
        away = on;
    }

    /** The node is as good as dead to the others. */
    public synchronized void endLease(SessionDirectory node) {
        nodes.values().remove((Node) node);
    }

    private synchronized CompletionStage<Optional<URI>> ask(Node asking, String session, boolean claim) {
        if (away) {
            return CompletableFuture.failedFuture(new UnavailableException("the directory is away"));
        }
        Node owner = owners.get(session);
        if (owner != null && owner != asking && nodes.get(owner.address()) == owner) {
            return CompletableFuture.completedFuture(Optional.of(URI.create(owner.address())));
        }
        if (claim) {
            nodes.put(asking.address(), asking);
            owners.put(session, asking);
        }
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private final class Node implements SessionDirectory {
        private @Nullable URI address;

        String address() {
            return String.valueOf(address);
        }

        @Override
        public void start(URI node) {
            synchronized (MemorySessions.this) {
                address = node;
                nodes.put(address(), this);
            }
        }

        @Override
        public CompletionStage<Optional<URI>> claim(String session) {
            return ask(this, session, true);
        }

        @Override
        public CompletionStage<Optional<URI>> find(String session) {
            return ask(this, session, false);
        }

        @Override
        public void release(String session) {
            synchronized (MemorySessions.this) {
                owners.remove(session, this);
            }
        }

        @Override
        public void close() {
            endLease(this);
        }
    }
}
