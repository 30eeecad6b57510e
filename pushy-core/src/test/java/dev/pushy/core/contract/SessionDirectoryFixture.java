package dev.pushy.core.contract;

import dev.pushy.core.SessionDirectory;

/** One cluster for one test of {@link SessionDirectoryContract}. */
public abstract class SessionDirectoryFixture implements AutoCloseable {

    /** A new node of the cluster, not started yet. The test closes it. */
    public abstract SessionDirectory createNode();

    /** Lets the lease of a node end, as if it had died a while ago. */
    public abstract void endLease(SessionDirectory node);

    /** Ends what the cluster itself needs. */
    @Override
    public void close() {}
}
