package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.PriorityQueue;

/** An event loop whose turns the test takes, with a clock of its own. */
public final class ManualEventLoop implements EventLoop {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timed> timed = new PriorityQueue<>();
    private long now;
    private long order;

    @Override
    public boolean inEventLoop() {
        return true;
    }

    @Override
    public synchronized void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public synchronized Timer schedule(Runnable task, long millis) {
        Timed due = new Timed(now + millis, order++, task);
        timed.add(due);
        return () -> {
            synchronized (this) {
                timed.remove(due);
            }
        };
    }

    /** Runs what is due, until nothing is. */
    public void run() {
        for (Runnable task = next(); task != null; task = next()) {
            task.run();
        }
    }

    /** Lets time pass, running what falls due. */
    public void advance(long millis) {
        long until = now + millis;
        run();
        for (Timed due = nextTimed(until); due != null; due = nextTimed(until)) {
            due.task.run();
            run();
        }
        now = until;
    }

    private synchronized Runnable next() {
        return tasks.poll();
    }

    private synchronized Timed nextTimed(long until) {
        Timed due = timed.peek();
        if (due == null || due.at > until) {
            return null;
        }
        now = Math.max(now, due.at);
        return timed.poll();
    }

    private record Timed(long at, long order, Runnable task) implements Comparable<Timed> {
        @Override
        public int compareTo(Timed other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
