package dev.pushy.undertow.transport;

import java.util.concurrent.atomic.AtomicLong;

/** Adds up what transports count. */
final class CountingMeter implements WriteMeter {
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    @Override
    public void bytes(long count) {
        bytes.addAndGet(count);
    }

    @Override
    public void dropped(int publications) {
        dropped.addAndGet(publications);
    }

    long bytes() {
        return bytes.get();
    }

    long dropped() {
        return dropped.get();
    }
}
