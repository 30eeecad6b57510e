package dev.pushy.undertow.transport.sockjs;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/** Notices that nothing has come for a time. Confined to the thread. */
final class Silence {
    private final XnioIoThread thread;
    private final long limitNanos;
    private final Runnable onTooLong;
    private XnioExecutor.@Nullable Key timer;
    private long since;

    Silence(XnioIoThread thread, Duration limit, Runnable onTooLong) {
        this.thread = thread;
        this.limitNanos = limit.toNanos();
        this.onTooLong = onTooLong;
    }

    void begin() {
        since = System.nanoTime();
        lookAfter(limitNanos);
    }

    /** Something has come. */
    void end() {
        since = System.nanoTime();
    }

    /** Nothing more is to come. */
    void stop() {
        if (timer != null) {
            timer.remove();
        }
    }

    private void lookAfter(long nanos) {
        try {
            timer = thread.executeAfter(this::look, nanos / 1_000_000 + 1, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) { // the thread ends, and the connection with it
            timer = null;
        }
    }

    private void look() {
        long left = limitNanos - (System.nanoTime() - since);
        if (left > 0) {
            lookAfter(left);
        } else {
            onTooLong.run();
        }
    }
}
