package dev.pushy.core;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;

/** A world in which time passes only from one event to the next: everything in it is decided by one seed. */
final class VirtualTime {
    final Random random;
    private final PriorityQueue<Due> due = new PriorityQueue<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final double latency;
    private long now;
    private long order;

    VirtualTime(long seed, double latency) {
        this.random = new Random(seed);
        this.latency = latency;
    }

    long now() {
        return now;
    }

    List<Throwable> failures() {
        return failures;
    }

    /** A random delay around the latency of this world, at least a millisecond. */
    long lag() {
        return 1 + (long) (-Math.log(1 - random.nextDouble()) * latency);
    }

    EventLoop.Timer after(long millis, Runnable task) {
        Due entry = new Due(now + Math.max(0, millis), order++, task);
        due.add(entry);
        return () -> entry.cancelled = true;
    }

    /** Runs all that falls due until then. */
    void runUntil(long time) {
        for (Due next = due.peek(); next != null && next.at <= time; next = due.peek()) {
            due.remove();
            now = next.at;
            if (!next.cancelled) {
                run(next.task);
            }
        }
        now = time;
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error failed) {
            failures.add(failed);
        }
    }

    /** Tasks in their order, each a while after it was given: a network, or a loop that has other things to do. */
    final class Lane implements Executor {
        private final double busy;
        private long last;

        /** A lane that delays a task this often. */
        Lane(double busy) {
            this.busy = busy;
        }

        @Override
        public void execute(Runnable task) {
            long at = Math.max(last, now + (random.nextDouble() < busy ? lag() : 0));
            last = at;
            after(at - now, task);
        }
    }

    /** An event loop in this world. */
    final class Loop implements EventLoop {
        private final Lane lane = new Lane(0.5);

        @Override
        public boolean inEventLoop() {
            return false;
        }

        @Override
        public void execute(Runnable task) {
            lane.execute(task);
        }

        @Override
        public Timer schedule(Runnable task, long millis) {
            return after(millis, task);
        }
    }

    /** The timers of a node in this world. */
    HubTimers timers() {
        return new HubTimers() {
            private boolean closed;

            @Override
            public EventLoop.Timer after(long millis, Runnable task) {
                return VirtualTime.this.after(millis, () -> {
                    if (!closed) {
                        task.run();
                    }
                });
            }

            @Override
            public void every(long millis, Runnable task) {
                after(millis, () -> {
                    task.run();
                    every(millis, task);
                });
            }

            @Override
            public long millis() {
                return now;
            }

            @Override
            public long nanos() {
                return now * 1_000_000;
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    private static final class Due implements Comparable<Due> {
        private final long at;
        private final long order;
        private final Runnable task;
        private boolean cancelled;

        private Due(long at, long order, Runnable task) {
            this.at = at;
            this.order = order;
            this.task = task;
        }

        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
