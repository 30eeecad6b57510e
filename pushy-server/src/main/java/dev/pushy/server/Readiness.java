package dev.pushy.server;

/** Whether the node should get traffic, and if not, why. May be asked and told from any thread. */
final class Readiness {

    /** Where the node is in its life. */
    enum Stage {
        /** Not open for clients yet. */
        STARTING,
        /** Serving. */
        READY,
        /** Sending its clients elsewhere, on the way out. */
        DRAINING
    }

    private volatile Stage stage = Stage.STARTING;

    Stage stage() {
        return stage;
    }

    /** The node is open; without effect when it is draining already. */
    synchronized void open() {
        if (stage == Stage.STARTING) {
            stage = Stage.READY;
        }
    }

    /** The node is on its way out. True the first time. */
    synchronized boolean drain() {
        boolean first = stage != Stage.DRAINING;
        stage = Stage.DRAINING;
        return first;
    }
}
