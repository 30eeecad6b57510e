package dev.pushy.core.contract;

import dev.pushy.core.PresenceStore;
import org.junit.jupiter.api.Assumptions;

/** One cluster for one test of {@link PresenceStoreContract}. */
public abstract class PresenceFixture implements AutoCloseable {

    /** A new node of the cluster, not started yet. The test closes it. */
    public abstract PresenceStore createNode();

    /**
     * Makes the others take a node for dead, though it is not told. Returns at once or when they do.
     *
     * <p>Optional: unless overridden, tests that need it are reported as aborted.
     */
    public void endLease(PresenceStore node) {
        Assumptions.abort("this store cannot end the lease of a node");
    }

    /** Lets a node do what it does now and then to keep its lease; unless overridden it does so by itself. */
    public void renewLease(PresenceStore node) {}

    /** Ends what the cluster itself needs. */
    @Override
    public void close() {}
}
