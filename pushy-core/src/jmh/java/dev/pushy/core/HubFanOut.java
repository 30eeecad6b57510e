package dev.pushy.core;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From publish to the connections, without sockets: broker, match, one encoding, one wake-up, and a write, or an append and a
 * flush, for each of 1,000 connections on one loop. Time and garbage are for one delivery.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HubFanOut {
    private static final int CONNECTIONS = 1_000;
    private static final int BURST = 64;

    @Param({"news.sports", "news.*"})
    private String subscribed;

    /** Whether the connections write past their queues, as sockets without TLS do. */
    @Param({"true", "false"})
    private boolean writesNow;

    private final Channel channel = Channel.of("news.sports");
    private final byte[] data = ("\"" + "x".repeat(126) + "\"").getBytes();
    private final TurnLoop loop = new TurnLoop();
    private final CountingConnection[] connections = new CountingConnection[CONNECTIONS];
    private Pushy pushy;

    @Setup
    public void connect() {
        pushy = Pushy.builder().start();
        ChannelPattern pattern = ChannelPattern.of(subscribed);
        Grant grant = Grant.of("bench", List.of(pattern));
        for (int i = 0; i < CONNECTIONS; i++) {
            CountingConnection connection = new CountingConnection(pushy.hub().newConnectionId(), loop, writesNow);
            connections[i] = connection;
            pushy.hub().connect(connection, grant, connection).open(List.of(pattern), Resume.NOW);
        }
        loop.turn();
        single();
        for (CountingConnection connection : connections) {
            if (connection.appended == 0) {
                throw new IllegalStateException("a connection is not live");
            }
        }
    }

    @TearDown
    public void close() {
        pushy.close();
    }

    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public void single() {
        pushy.publish(Publication.of(channel, data));
        loop.turn();
    }

    @Benchmark
    @OperationsPerInvocation(CONNECTIONS * BURST)
    public void burst() {
        for (int i = 0; i < BURST; i++) {
            pushy.publish(Publication.of(channel, data));
        }
        loop.turn();
    }

    /** Runs its tasks when the benchmark says so. Nothing is due at a time here but the rest between two flushes. */
    private static final class TurnLoop implements EventLoop {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

        @Override
        public boolean inEventLoop() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public Timer schedule(Runnable task, long millis) {
            tasks.add(task);
            return () -> tasks.remove(task);
        }

        void turn() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }

    private static final class CountingConnection implements Connection, Subscriber.Listener {
        private final String id;
        private final EventLoop loop;
        private final boolean writesNow;
        private long appended;
        private int waiting;

        CountingConnection(String id, EventLoop loop, boolean writesNow) {
            this.id = id;
            this.loop = loop;
            this.writesNow = writesNow;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public String transport() {
            return "count";
        }

        @Override
        public EventLoop loop() {
            return loop;
        }

        @Override
        public WireFormat format() {
            return DataFormat.ONLY;
        }

        @Override
        public void append(byte[] frame, Publication publication) {
            waiting += frame.length;
        }

        @Override
        public void flush() {
            appended += waiting;
            waiting = 0;
        }

        @Override
        public boolean writeNow(Burst burst) {
            if (!writesNow || waiting > 0) {
                return false;
            }
            appended += burst.bytes();
            return true;
        }

        @Override
        public int backlog() {
            return waiting;
        }

        @Override
        public void close(CloseReason reason) {}

        @Override
        public void onOpen(Cursor cursor, boolean resumed) {}

        @Override
        public void onChange(ControlMessage.ChangeStream change) {}

        @Override
        public void onDrain(long reconnectMillis) {}
    }

    /** Shows publications only, as their data. */
    private static final class DataFormat implements WireFormat {
        private static final WireFormat ONLY = new DataFormat();

        @Override
        public byte[] publication(Publication publication, Cursor cursor, Cursor since) {
            return publication.data();
        }

        @Override
        public byte[] join(Join join) {
            return null;
        }

        @Override
        public byte[] leave(Leave leave) {
            return null;
        }

        @Override
        public byte[] gap(Gap gap) {
            return null;
        }

        @Override
        public byte[] checkpoint(Cursor cursor) {
            return null;
        }

        @Override
        public byte[] heartbeat(Cursor cursor) {
            return null;
        }
    }
}
