package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

class XnioEventLoopTest {
    private XnioWorker worker;
    private EventLoop loop;

    @BeforeEach
    void start() throws Exception {
        worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
        loop = new EventLoops(WriteMeter.NONE).loop(worker.getIoThread());
    }

    @AfterEach
    void stop() throws InterruptedException {
        worker.shutdownNow();
        assertTrue(worker.awaitTermination(5, TimeUnit.SECONDS));
    }

    private void runAll() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        loop.execute(ran::countDown);
        assertTrue(ran.await(10, TimeUnit.SECONDS), "the loop stands still");
    }

    @Test
    void loop_sameThread_isTheSame() {
        EventLoops loops = new EventLoops(WriteMeter.NONE);
        assertSame(loops.loop(worker.getIoThread()), loops.loop(worker.getIoThread()));
    }

    @Test
    void execute_fromManyThreads_runsEachOnTheLoopInItsOrder() throws Exception {
        int threads = 4;
        int each = 5_000;
        List<List<Integer>> seen = new ArrayList<>();
        AtomicInteger elsewhere = new AtomicInteger();
        List<Thread> running = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            List<Integer> mine = new ArrayList<>();
            seen.add(mine);
            Thread thread = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    int number = i;
                    loop.execute(() -> {
                        mine.add(number);
                        if (!loop.inEventLoop()) {
                            elsewhere.incrementAndGet();
                        }
                    });
                }
            });
            running.add(thread);
            thread.start();
        }
        for (Thread thread : running) {
            thread.join();
        }
        runAll();
        assertEquals(0, elsewhere.get());
        assertFalse(loop.inEventLoop());
        for (List<Integer> mine : seen) {
            assertEquals(each, mine.size());
            for (int i = 0; i < each; i++) {
                assertEquals(i, mine.get(i));
            }
        }
    }

    @Test
    void execute_taskThrows_loopGoesOn() throws Exception {
        loop.execute(() -> {
            throw new IllegalStateException("planned");
        });
        loop.execute(() -> {
            throw new StackOverflowError("planned");
        });
        runAll();
    }

    @Test
    void schedule_runsOnTheLoopNotBeforeItsTime() throws Exception {
        for (long millis : new long[] {0, 5, 300, 1_100}) {
            CountDownLatch ran = new CountDownLatch(1);
            boolean[] onLoop = {false};
            long begin = System.nanoTime();
            loop.schedule(
                    () -> {
                        onLoop[0] = loop.inEventLoop();
                        ran.countDown();
                    },
                    millis);
            assertTrue(ran.await(10, TimeUnit.SECONDS), "after " + millis + " ms nothing ran");
            assertTrue(System.nanoTime() - begin >= millis * 1_000_000, "too early");
            assertTrue(onLoop[0]);
        }
    }

    @Test
    void cancel_fromAnyThread_keepsItFromRunning() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch last = new CountDownLatch(1);
        for (long millis : new long[] {500, 1_000, 1_050}) {
            loop.schedule(ran::incrementAndGet, millis).cancel();
            EventLoop.Timer timer = loop.schedule(ran::incrementAndGet, millis);
            loop.execute(timer::cancel);
        }
        loop.schedule(last::countDown, 1_400);
        assertTrue(last.await(10, TimeUnit.SECONDS));
        assertEquals(0, ran.get());
    }

    @Test
    void execute_afterTheWorkerHasStopped_isDropped() throws Exception {
        worker.shutdownNow();
        assertTrue(worker.awaitTermination(5, TimeUnit.SECONDS));
        AtomicInteger ran = new AtomicInteger();
        loop.execute(ran::incrementAndGet);
        loop.schedule(ran::incrementAndGet, 1).cancel();
        loop.schedule(ran::incrementAndGet, 2_000).cancel();
        assertEquals(0, ran.get());
    }
}
