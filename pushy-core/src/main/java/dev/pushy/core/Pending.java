package dev.pushy.core;

/** Stands where a body follows. */
final class Pending {
    private Pending() {}

    static UnsupportedOperationException later() {
        return new UnsupportedOperationException();
    }
}
