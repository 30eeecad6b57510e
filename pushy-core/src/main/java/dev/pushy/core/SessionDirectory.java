package dev.pushy.core;

import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Which node has a session whose requests may come to any node: those of clients that can hold no connection open. A session
 * has a name, and the node that has it an address.
 *
 * <p>What a node has belongs to its lease: when the node is gone, so are its sessions, and their names are free.
 *
 * <p>No method blocks. Stages complete on any thread, exceptionally with {@link UnavailableException}, in bounded time.
 */
public interface SessionDirectory extends AutoCloseable {
    /** A node alone, which has every session. */
    SessionDirectory ALONE = new SessionDirectory() {
        @Override
        public void start(URI node) {}

        @Override
        public CompletionStage<Optional<URI>> claim(String session) {
            return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public CompletionStage<Optional<URI>> find(String session) {
            return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public void release(String session) {}

        @Override
        public void close() {}
    };

    /**
     * Connects, and tells the other nodes where this one is. Called once, before anything else.
     *
     * @param node the address of this node, such as {@code http://10.0.0.5:4000}. A node that is found at the same address as
     *     this one is a former life of it, and gone.
     */
    void start(URI node);

    /**
     * Takes a session for this node, in one atomic step, unless another node has it. Where it fails the session may be opened
     * here all the same, and the directory tells the others of it when it can. Whoever did not open a session that was not
     * refused, and whoever has closed it, says so with {@link #release}.
     *
     * @return the address of the other node that has the session, or nothing: then this one has it
     */
    CompletionStage<Optional<URI>> claim(String session);

    /** The address of the other node that has a session, or nothing: then this one has it, or none. */
    CompletionStage<Optional<URI>> find(String session);

    /** This node has the session no more. Nothing happens if it has not. */
    void release(String session);

    /** Releases everything, and ends. Idempotent. */
    @Override
    void close();
}
