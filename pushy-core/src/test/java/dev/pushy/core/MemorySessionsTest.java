package dev.pushy.core;

import dev.pushy.core.contract.SessionDirectoryContract;
import dev.pushy.core.contract.SessionDirectoryFixture;

/** The contract holds where nothing can fail. */
class MemorySessionsTest extends SessionDirectoryContract {

    @Override
    protected SessionDirectoryFixture createFixture() {
        MemorySessions cluster = new MemorySessions();
        return new SessionDirectoryFixture() {
            @Override
            public SessionDirectory createNode() {
                return cluster.node();
            }

            @Override
            public void endLease(SessionDirectory node) {
                cluster.endLease(node);
            }
        };
    }
}
