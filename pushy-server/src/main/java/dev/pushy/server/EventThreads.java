package dev.pushy.server;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/**
 * The event loops, and beside them a few threads for what the server itself does off the loops, such as answering a
 * scrape. The API has worker threads of its own.
 */
final class EventThreads implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EventThreads.class.getName());
    private static final int TASK_THREADS = 2;
    private static final int TASKS_WAITING = 64;
    private static final long IDLE_SECONDS = 30;
    private static final long LAST_TASKS_MS = 2_000;
    private static final long LAST_TURN_MS = 5_000;

    private final int loops;
    private final ThreadPoolExecutor tasks;
    private final XnioWorker xnio;

    EventThreads(int loops) {
        this.loops = loops;
        AtomicInteger number = new AtomicInteger();
        // A full queue refuses, and the request is answered with an error; XNIO's own queue would have no bound.
        tasks = new ThreadPoolExecutor(
                TASK_THREADS,
                TASK_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(TASKS_WAITING),
                task -> new Thread(task, "pushy-task-" + number.incrementAndGet()));
        tasks.allowCoreThreadTimeOut(true);
        xnio = Xnio.getInstance(EventThreads.class.getClassLoader())
                .createWorkerBuilder()
                .setWorkerName("pushy")
                .setWorkerIoThreads(loops)
                .setExternalExecutorService(tasks)
                .build();
    }

    XnioWorker xnio() {
        return xnio;
    }

    /** The event loops. */
    List<XnioIoThread> loops() {
        return IntStream.range(0, loops)
                .<XnioIoThread>mapToObj(xnio::getIoThread)
                .toList();
    }

    /** Waits until loops have done what they had to do by now, for a few seconds at most. Not from a loop. */
    static void settle(List<XnioIoThread> loops) {
        CountDownLatch done = new CountDownLatch(loops.size());
        loops.forEach(loop -> loop.execute(done::countDown));
        try {
            boolean settled = done.await(LAST_TURN_MS, TimeUnit.MILLISECONDS);
            if (!settled) {
                LOG.log(System.Logger.Level.DEBUG, "A loop is busy");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends all threads; what still runs after two seconds is interrupted. */
    @Override
    public void close() {
        xnio.shutdown();
        tasks.shutdown();
        try {
            tasks.awaitTermination(LAST_TASKS_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tasks.shutdownNow();
        xnio.shutdownNow();
    }
}
