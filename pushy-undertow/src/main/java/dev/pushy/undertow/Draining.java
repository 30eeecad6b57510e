package dev.pushy.undertow;

import java.util.function.BooleanSupplier;

/** Whether a handler takes no more clients; once it does not, for ever. Thread-safe. */
final class Draining implements BooleanSupplier {
    private volatile boolean begun;

    void begin() {
        begun = true;
    }

    @Override
    public boolean getAsBoolean() {
        return begun;
    }
}
