package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Burst;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.ChannelPolicy;
import dev.pushy.core.CloseReason;
import dev.pushy.core.Publication;
import dev.pushy.core.SlowConsumer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** The writer over a socket that takes what the test says, on a real loop. */
class SocketWriterTest {
    private static final Publication PUBLICATION = Publication.of(Channel.of("news"), "0");
    private static final int LIMIT = 10_000;

    private XnioWorker worker;
    private XnioEventLoop loop;
    private FakeSink sink;
    private final RecordingSession session = new RecordingSession();
    private final CountingMeter meter = new CountingMeter();

    @BeforeEach
    void start() throws Exception {
        worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
        loop = new XnioEventLoop(worker.getIoThread(), meter);
        sink = new FakeSink(worker.getIoThread());
    }

    @AfterEach
    void stop() throws InterruptedException {
        worker.shutdownNow();
        assertTrue(worker.awaitTermination(5, TimeUnit.SECONDS));
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(task.call());
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        return result.get(10, TimeUnit.SECONDS);
    }

    private SseConnection connection(boolean buffered, SlowConsumer policy) throws Exception {
        return connection(buffered, policy, Duration.ofMinutes(1));
    }

    private SseConnection connection(boolean buffered, SlowConsumer policy, Duration linger) throws Exception {
        TransportSettings settings = new TransportSettings(
                LIMIT,
                1_000,
                ChannelPolicies.all(ChannelPolicy.DEFAULT.withSlowConsumer(policy)),
                Duration.ofSeconds(60),
                Duration.ofHours(1),
                Duration.ofSeconds(60),
                10,
                linger,
                false);
        return onLoop(() -> {
            SseConnection connection = new SseConnection(
                    "1.1", new EchoProtocol.PlainTexts(), loop, sink, buffered, settings, null, session.closer());
            connection.start(opened -> session);
            sink.taken.reset();
            sink.writes = 0;
            return connection;
        });
    }

    private static byte[] frame(int length, int seed) {
        byte[] frame = new byte[length];
        new Random(seed).nextBytes(frame);
        return frame;
    }

    /** The socket can take more. */
    private void writable(SseConnection connection) throws Exception {
        onLoop(() -> {
            assertTrue(sink.resumed, "the writer does not wait for the socket");
            connection.handleEvent(new org.xnio.channels.NullStreamSinkChannel(worker.getIoThread()));
            return null;
        });
    }

    @Test
    void flush_manyFrames_isOneWrite() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        onLoop(() -> {
            for (int i = 0; i < 50; i++) {
                byte[] frame = frame(100, i);
                expected.writeBytes(frame);
                connection.append(frame, PUBLICATION);
            }
            assertEquals(5_000, connection.backlog());
            connection.flush();
            connection.flush();
            return null;
        });
        assertArrayEquals(expected.toByteArray(), sink.taken.toByteArray());
        assertEquals(1, sink.writes);
        assertEquals(0, connection.backlog());
    }

    private void assertTakesAllInTheEnd(SseConnection connection, ByteArrayOutputStream expected, int seed)
            throws Exception {
        sink.takes = offered -> offered;
        if (sink.resumed) {
            writable(connection);
        }
        assertArrayEquals(expected.toByteArray(), sink.taken.toByteArray(), "seed " + seed);
        assertEquals(0, connection.backlog());
        assertFalse(sink.resumed);
    }

    @Test
    void flush_anyMixOfShortWrites_losesNothing() throws Exception {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            boolean buffered = seed % 2 == 1;
            sink.takes = offered -> offered;
            SseConnection connection = connection(buffered, SlowConsumer.DISCONNECT);
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            sink.takes = offered -> random.nextInt(3) == 0 ? offered : random.nextInt(offered + 1);
            for (int round = 0; round < 200; round++) {
                int count = random.nextInt(5);
                onLoop(() -> {
                    for (int i = 0; i < count && connection.backlog() < LIMIT / 2; i++) {
                        byte[] frame = frame(1 + random.nextInt(300), random.nextInt());
                        expected.writeBytes(frame);
                        connection.append(frame, PUBLICATION);
                    }
                    connection.flush();
                    return null;
                });
                if (sink.resumed && random.nextBoolean()) {
                    writable(connection);
                }
            }
            assertTakesAllInTheEnd(connection, expected, seed);
        }
    }

    @Test
    void writeNow_anyMixWithAppendAndShortWrites_losesNothing() throws Exception {
        int burstsWritten = 0;
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            sink.takes = offered -> offered;
            SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            sink.takes = offered -> random.nextInt(3) > 0 ? offered : random.nextInt(offered + 1);
            for (int round = 0; round < 200; round++) {
                burstsWritten += onLoop(() -> {
                    List<byte[]> frames = frames(random, connection.backlog() < LIMIT / 2 ? random.nextInt(9) : 0);
                    frames.forEach(expected::writeBytes);
                    boolean written = !frames.isEmpty() && random.nextBoolean() && connection.writeNow(burst(frames));
                    if (!written) {
                        frames.forEach(frame -> connection.append(frame, PUBLICATION));
                        connection.flush();
                    }
                    return written ? 1 : 0;
                });
                if (sink.resumed && random.nextBoolean()) {
                    writable(connection);
                }
            }
            assertTakesAllInTheEnd(connection, expected, seed);
        }
        assertTrue(burstsWritten > 1_000, "only " + burstsWritten + " bursts were written past the queue");
    }

    @Test
    void writeNow_severalFrames_oneWriteForAllAndNothingIsKept() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        List<byte[]> frames = frames(new Random(1), 20);
        boolean written = onLoop(() -> connection.writeNow(burst(frames)));

        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        frames.forEach(expected::writeBytes);
        assertTrue(written);
        assertArrayEquals(expected.toByteArray(), sink.taken.toByteArray());
        assertEquals(1, sink.writes);
        assertEquals(0, connection.backlog());
    }

    @Test
    void writeNow_somethingWaitsOrItIsTooLong_isLeftToAppend() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        onLoop(() -> {
            assertFalse(connection.writeNow(burst(List.of(frame(Scratch.CAPACITY, 1), frame(1, 2)))));
            connection.append(frame(10, 1), PUBLICATION);
            assertFalse(connection.writeNow(burst(List.of(frame(10, 2)))));
            return null;
        });
        assertEquals(0, sink.writes);
        assertEquals(10, connection.backlog());
    }

    @Test
    void writeNow_socketTakesLittleOfABurst_boundAndPolicyHoldForTheRest() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.SKIP_OLDEST);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            frames.add(frame(1_000, i));
        }
        sink.takes = offered -> 1_300;
        onLoop(() -> {
            assertTrue(connection.writeNow(burst(frames)));
            assertTrue(connection.backlog() <= LIMIT, "backlog " + connection.backlog());
            return null;
        });
        sink.takes = offered -> offered;
        writable(connection);
        byte[] taken = sink.taken.toByteArray();
        assertArrayEquals(frames.get(0), Arrays.copyOf(taken, 1_000));
        assertArrayEquals(frames.get(1), Arrays.copyOfRange(taken, 1_000, 2_000));
        String gap = "gap overflow news";
        assertEquals(gap, new String(taken, 2_000, gap.length(), StandardCharsets.US_ASCII));
        assertArrayEquals(frames.get(39), Arrays.copyOfRange(taken, taken.length - 1_000, taken.length));
        assertEquals(40 - (taken.length - gap.length()) / 1_000, meter.dropped());
    }

    @Test
    void writeNow_socketTakesLittleOfABurst_isDisconnectedWithTheBegunFrameWhole() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        List<byte[]> frames = frames(new Random(1), 200);
        sink.takes = offered -> frames.get(0).length + 1;
        onLoop(() -> connection.writeNow(burst(frames)));

        sink.takes = offered -> offered;
        writable(connection);
        int whole = frames.get(0).length + frames.get(1).length;
        byte[] expected = new byte[whole];
        System.arraycopy(frames.get(0), 0, expected, 0, frames.get(0).length);
        System.arraycopy(frames.get(1), 0, expected, frames.get(0).length, frames.get(1).length);
        assertArrayEquals(expected, sink.taken.toByteArray());
        session.await("closing SLOW_CONSUMER", "closed SLOW_CONSUMER");
    }

    @Test
    void writeNow_socketIsBroken_theConnectionEnds() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        sink.broken = true;
        assertTrue(onLoop(() -> connection.writeNow(burst(frames(new Random(1), 3)))));
        session.awaitSocketClosed();
        session.await("closed CLIENT_GONE");
    }

    private static List<byte[]> frames(Random random, int count) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            frames.add(frame(1 + random.nextInt(300), random.nextInt()));
        }
        return frames;
    }

    private static Burst burst(List<byte[]> frames) {
        Publication[] publications = new Publication[frames.size()];
        Arrays.fill(publications, PUBLICATION);
        return new Burst(frames.toArray(byte[][]::new), publications);
    }

    @Test
    void flush_frameLargerThanTheScratch_isWrittenWhole() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        byte[] small = frame(10, 1);
        byte[] large = frame(Scratch.CAPACITY * 2 + 77, 2);
        onLoop(() -> {
            connection.append(large, null);
            connection.flush();
            connection.append(small, null);
            connection.flush();
            return null;
        });
        byte[] taken = sink.taken.toByteArray();
        assertArrayEquals(large, Arrays.copyOf(taken, large.length));
        assertArrayEquals(small, Arrays.copyOfRange(taken, large.length, taken.length));
        assertEquals(4, sink.writes);
    }

    @Test
    void flush_encryptedTailInTheConduit_isFlushedLater() throws Exception {
        SseConnection connection = connection(true, SlowConsumer.DISCONNECT);
        sink.flushed = false;
        onLoop(() -> {
            connection.append(frame(10, 1), null);
            connection.flush();
            return null;
        });
        assertEquals(0, connection.backlog());
        assertTrue(sink.resumed, "written bytes wait for a flush");
        writable(connection);
        assertTrue(sink.resumed);
        sink.flushed = true;
        writable(connection);
        assertFalse(sink.resumed);
        assertEquals(List.of("drained"), session.heard());
    }

    @Test
    void append_overTheBoundButSocketTakesAll_isNoOverflow() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        onLoop(() -> {
            for (int i = 0; i < 100; i++) {
                connection.append(frame(1_000, i), PUBLICATION);
            }
            connection.flush();
            return null;
        });
        assertEquals(100_000, sink.taken.size());
        assertEquals(List.of(), session.heard());
    }

    @Test
    void append_oneFrameOverTheBound_isSent() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        onLoop(() -> {
            connection.append(frame(3 * LIMIT, 1), null);
            connection.flush();
            return null;
        });
        assertEquals(3 * LIMIT, sink.taken.size());
    }

    @Test
    void append_readerStopped_isDisconnectedWithTheBegunFrameWhole() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT, Duration.ofSeconds(2));
        byte[] first = frame(1_000, 0);
        sink.takes = offered -> 300;
        onLoop(() -> {
            connection.append(first, PUBLICATION);
            connection.flush();
            sink.takes = offered -> 0;
            for (int i = 0; i < 20; i++) {
                connection.append(frame(1_000, i), PUBLICATION);
                connection.flush();
            }
            assertEquals(700, connection.backlog(), "what will not be delivered is not kept");
            return null;
        });
        sink.takes = offered -> offered;
        writable(connection);
        assertArrayEquals(first, sink.taken.toByteArray());
        assertTrue(sink.ended);
        session.await("closing SLOW_CONSUMER", "closed SLOW_CONSUMER");
        session.awaitSocketClosed();
    }

    @Test
    void append_readerStoppedForGood_isClosedAfterTheLinger() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT, Duration.ofMillis(200));
        sink.takes = offered -> 0;
        onLoop(() -> {
            for (int i = 0; i < 20; i++) {
                connection.append(frame(1_000, i), PUBLICATION);
                connection.flush();
            }
            return null;
        });
        session.awaitSocketClosed();
        session.await("closing SLOW_CONSUMER", "closed SLOW_CONSUMER");
        assertEquals(0, connection.backlog());
    }

    @Test
    void append_policySkips_gapStandsInThePlaceOfTheOldestLost() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.SKIP_OLDEST);
        byte[] begun = frame(1_000, 0);
        sink.takes = offered -> 300;
        byte[] last = frame(1_000, 99);
        onLoop(() -> {
            connection.append(begun, PUBLICATION);
            connection.flush();
            sink.takes = offered -> 0;
            for (int i = 1; i < 99; i++) {
                connection.append(frame(1_000, i), PUBLICATION);
                connection.flush();
                assertTrue(connection.backlog() <= LIMIT);
            }
            connection.append(last, PUBLICATION);
            return null;
        });
        sink.takes = offered -> offered;
        writable(connection);
        byte[] taken = sink.taken.toByteArray();
        assertArrayEquals(begun, Arrays.copyOf(taken, 1_000));
        String gap = "gap overflow news";
        assertEquals(gap, new String(taken, 1_000, gap.length(), StandardCharsets.US_ASCII));
        int kept = (taken.length - 1_000 - gap.length()) / 1_000;
        int at = 1_000 + gap.length();
        for (int i = 100 - kept; i < 100; i++, at += 1_000) {
            assertArrayEquals(frame(1_000, i), Arrays.copyOfRange(taken, at, at + 1_000));
        }
        assertEquals(99 - kept, meter.dropped());
        assertEquals(List.of("drained"), session.heard());
    }

    @Test
    void close_rest_isWrittenFirst() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT);
        sink.takes = offered -> 0;
        byte[] frame = frame(500, 1);
        onLoop(() -> {
            connection.append(frame, PUBLICATION);
            connection.flush();
            return null;
        });
        connection.close(CloseReason.DRAIN);
        connection.close(CloseReason.REVOKED);
        session.await("closing DRAIN", "closed DRAIN");
        onLoop(() -> {
            connection.append(frame(10, 2), PUBLICATION);
            return null;
        });
        sink.takes = offered -> offered;
        writable(connection);
        assertArrayEquals(frame, sink.taken.toByteArray());
        assertTrue(sink.ended);
    }

    @Test
    void close_manyThreads_isToldOnce() throws Exception {
        SseConnection connection = connection(false, SlowConsumer.DISCONNECT, Duration.ofMillis(200));
        Thread[] threads = new Thread[8];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> connection.close(CloseReason.REVOKED));
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        session.awaitSocketClosed();
        session.await("closing REVOKED", "closed REVOKED");
    }

    @Test
    void scratch_sameBatchForMany_isCopiedOnce() throws Exception {
        // The scratch remembers frames by identity: bytes changed behind its back show that it did not copy again.
        Scratch scratch = new Scratch();
        byte[][] frames = {{1, 1}, {2, 2}, {3, 3}, {4, 4}};
        Backlog two = new Backlog();
        Backlog three = new Backlog();
        Backlog other = new Backlog();
        for (int i = 0; i < 3; i++) {
            if (i < 2) {
                two.add(frames[i], null);
            }
            three.add(frames[i], null);
        }
        other.add(frames[0], null);
        other.add(frames[3], null);
        assertEquals(6, scratch.of(three).remaining());
        for (byte[] frame : frames) {
            frame[0] = 9;
        }
        assertEquals("112233", hex(scratch.of(three)));
        assertEquals("1122", hex(scratch.of(two)));
        assertEquals("11", hex(scratch.of(frames[0], 0)));
        assertEquals("1194", hex(scratch.of(other)), "only what differs is copied");
        assertEquals("94", hex(scratch.of(frames[3], 0)));
        assertEquals("1", hex(scratch.of(frames[0], 1)));
        assertEquals("919293", hex(scratch.of(three)));
    }

    private static String hex(java.nio.ByteBuffer buffer) {
        StringBuilder digits = new StringBuilder();
        while (buffer.hasRemaining()) {
            digits.append(buffer.get());
        }
        return digits.toString();
    }
}
