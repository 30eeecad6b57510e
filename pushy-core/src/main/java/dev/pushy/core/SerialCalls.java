package dev.pushy.core;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Calls whose order is decided under a lock and that are made without it, one at a time: whoever finds the door open makes
 * them all. As long as the calls that were added before have not returned, later ones wait.
 */
final class SerialCalls {
    private static final System.Logger LOG = System.getLogger(SerialCalls.class.getName());

    private final ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Decides the place of a call. Bounded by what adds: each channel and member has at most a few under way. */
    void add(Runnable call) {
        calls.add(call);
    }

    /** Makes the calls that wait, unless another thread does so right now and will see them. */
    void drain() {
        if (calls.isEmpty() || waiting.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            Runnable call = calls.poll();
            while (call != null) {
                run(call);
                call = calls.poll();
            }
            seen = waiting.addAndGet(-seen);
        } while (seen != 0);
    }

    private static void run(@Nullable Runnable call) {
        try {
            if (call != null) {
                call.run();
            }
        } catch (RuntimeException failed) {
            LOG.log(System.Logger.Level.WARNING, "a call to a broker or store failed", failed);
        }
    }
}
