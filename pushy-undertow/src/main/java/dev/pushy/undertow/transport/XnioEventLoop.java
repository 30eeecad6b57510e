package dev.pushy.undertow.transport;

import dev.pushy.core.EventLoop;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/**
 * One XNIO IO thread as a loop of the hub, with what its connections share: the buffers that every read and write goes
 * through, the timers, and the spare backlogs. Everything but the methods of {@link EventLoop} is confined to the thread.
 */
final class XnioEventLoop implements EventLoop {
    private static final System.Logger LOG = System.getLogger(XnioEventLoop.class.getName());

    static final int INPUT_CAPACITY = 64 * 1024;
    /** From here on a timer goes to the wheel, where it costs nothing; below it is more exact. */
    private static final long WHEEL_MILLIS = 1_000;

    private static final int SPARE_BACKLOGS = 16_384;

    private final XnioIoThread thread;
    private final WriteMeter meter;
    private final Scratch scratch = new Scratch();
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_CAPACITY);
    private final TimerWheel timers;
    private final ArrayDeque<Backlog> spare = new ArrayDeque<>();
    private @Nullable MessageInflater inflater;

    XnioEventLoop(XnioIoThread thread, WriteMeter meter) {
        this.thread = thread;
        this.meter = meter;
        Runnable tick = this::tick;
        this.timers = new TimerWheel(System::nanoTime, () -> after(tick, TimerWheel.TICK_MILLIS));
    }

    @Override
    public boolean inEventLoop() {
        return Thread.currentThread() == thread;
    }

    /** Runs a task; one that comes after the server has stopped is dropped, as its connections are gone. */
    @Override
    public void execute(Runnable task) {
        try {
            thread.execute(() -> run(task));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the loop has ended, a task is dropped", e);
        }
    }

    @Override
    public Timer schedule(Runnable task, long millis) {
        if (millis < WHEEL_MILLIS) {
            XnioExecutor.Key key = after(() -> run(task), Math.max(1, millis));
            return key::remove;
        }
        Scheduled scheduled = new Scheduled(task);
        onLoop(() -> {
            if (!scheduled.cancelled) {
                timers.set(scheduled, millis);
            }
        });
        return scheduled;
    }

    private XnioExecutor.Key after(Runnable task, long millis) {
        try {
            return thread.executeAfter(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the loop has ended, a timer is dropped", e);
            return () -> false;
        }
    }

    private void onLoop(Runnable task) {
        if (inEventLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    private void tick() {
        timers.tick();
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            LOG.log(Level.ERROR, "a task of a loop failed", t);
        }
    }

    WriteMeter meter() {
        return meter;
    }

    Scratch scratch() {
        return scratch;
    }

    /** The buffer for reading, empty. What a connection does not consume at once it must copy. */
    ByteBuffer input() {
        return input.clear();
    }

    TimerWheel timers() {
        return timers;
    }

    MessageInflater inflater() {
        if (inflater == null) {
            inflater = new MessageInflater();
        }
        return inflater;
    }

    Backlog takeBacklog() {
        Backlog backlog = spare.pollLast();
        return backlog == null ? new Backlog() : backlog;
    }

    void giveBack(Backlog backlog) {
        if (backlog.worthKeeping() && spare.size() < SPARE_BACKLOGS) {
            spare.addLast(backlog);
        }
    }

    /** A timer of somebody else's. */
    private final class Scheduled extends TimerWheel.Entry implements Timer {
        private final Runnable task;
        private volatile boolean cancelled;

        Scheduled(Runnable task) {
            this.task = task;
        }

        @Override
        void onTime() {
            if (!cancelled) {
                XnioEventLoop.run(task);
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            onLoop(() -> timers.cancel(this));
        }
    }
}
