package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.undertow.protocol.StreamSession;
import java.io.Closeable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes down what a stream's session hears. */
final class RecordingSession implements StreamSession {
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch socketClosed = new CountDownLatch(1);
    final AtomicInteger heartbeats = new AtomicInteger();

    @Override
    public void onDrained() {
        heard.add("drained");
    }

    @Override
    public void onHeartbeat() {
        heartbeats.incrementAndGet();
    }

    @Override
    public void onClosing(CloseReason reason) {
        heard.add("closing " + reason);
    }

    @Override
    public void onClosed(CloseReason reason) {
        heard.add("closed " + reason);
        closed.countDown();
    }

    Closeable closer() {
        return socketClosed::countDown;
    }

    List<String> heard() {
        return List.copyOf(heard);
    }

    /** Waits for the end, then compares all that was heard. */
    void await(String... expected) throws InterruptedException {
        assertTrue(closed.await(10, TimeUnit.SECONDS), () -> "heard only " + heard);
        assertEquals(List.of(expected), heard);
    }

    void awaitSocketClosed() throws InterruptedException {
        assertTrue(socketClosed.await(10, TimeUnit.SECONDS), "the socket is open");
    }
}
