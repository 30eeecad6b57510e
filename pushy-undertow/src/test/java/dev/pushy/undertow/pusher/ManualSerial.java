package dev.pushy.undertow.pusher;

import dev.pushy.core.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A serial whose thread is the test's, and whose time passes when the test says so. */
final class ManualSerial implements Serial {
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final List<Timed> timed = new ArrayList<>();
    private final Map<Long, Integer> asked = new HashMap<>();
    private long millis = 1_000_000;
    private boolean closed;

    private record Timed(long at, Runnable task) {}

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public synchronized EventLoop.Timer after(long delay, Runnable task) {
        asked.merge(delay, 1, Integer::sum);
        Timed waiting = new Timed(millis + delay, task);
        timed.add(waiting);
        return () -> cancel(waiting);
    }

    private synchronized void cancel(Timed waiting) {
        timed.remove(waiting);
    }

    @Override
    public synchronized long millis() {
        return millis;
    }

    /** How many timers of this time there were. */
    synchronized int asked(long delay) {
        return asked.getOrDefault(delay, 0);
    }

    /** Runs what is there. */
    void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Lets time pass, and runs what is due, each at its time. */
    void pass(long passing) {
        run();
        long end = millis() + passing;
        for (Timed next = nextUntil(end); next != null; next = nextUntil(end)) {
            next.task().run();
            run();
        }
        synchronized (this) {
            millis = end;
        }
    }

    private synchronized Timed nextUntil(long end) {
        Timed next = timed.stream().min(Comparator.comparingLong(Timed::at)).orElse(null);
        if (next == null || next.at() > end) {
            return null;
        }
        timed.remove(next);
        millis = Math.max(millis, next.at());
        return next;
    }

    /** Runs what other threads hand over until something holds, while no time passes here. */
    void runUntil(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        run();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for: " + what);
            }
            try {
                Runnable task = tasks.poll(5, TimeUnit.MILLISECONDS);
                if (task != null) {
                    task.run();
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            run();
        }
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
