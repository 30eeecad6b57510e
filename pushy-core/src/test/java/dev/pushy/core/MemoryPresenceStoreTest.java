package dev.pushy.core;

import dev.pushy.core.contract.PresenceFixture;
import dev.pushy.core.contract.PresenceStoreContract;

class MemoryPresenceStoreTest extends PresenceStoreContract {

    @Override
    protected PresenceFixture createFixture() {
        MemoryPresence cluster = new MemoryPresence(System::currentTimeMillis);
        return new PresenceFixture() {
            @Override
            public PresenceStore createNode() {
                return cluster.node();
            }

            @Override
            public void endLease(PresenceStore node) {
                ((MemoryPresenceStore) node).endLease();
            }

            @Override
            public void renewLease(PresenceStore node) {
                ((MemoryPresenceStore) node).renewLease();
            }
        };
    }
}
