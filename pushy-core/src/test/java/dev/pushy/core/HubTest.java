package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HubTest {
    private final ManualEventLoop loop = new ManualEventLoop();
    private final LineFormat format = new LineFormat();
    private final MemoryBroker broker = new MemoryBroker();
    /** Stands still, so that no budget of time runs out on a busy machine. */
    private final VirtualTime time = new VirtualTime(1, 1);

    private final Pushy pushy =
            Pushy.builder().broker(broker).timers(time.timers()).start();
    private int ids;

    @AfterEach
    void close() {
        pushy.close();
    }

    private Subscriber connect(RecordingConnection connection) {
        return pushy.hub().connect(connection, Grant.of("anna", List.of(ChannelPattern.of("**"))), connection);
    }

    private RecordingConnection connection() {
        return new RecordingConnection("1." + ++ids, loop, format);
    }

    private RecordingConnection open(Resume resume, String... patterns) {
        RecordingConnection connection = connection();
        connect(connection).open(Stream.of(patterns).map(ChannelPattern::of).toList(), resume);
        loop.run();
        return connection;
    }

    private void publish(String channel, String data) {
        pushy.publish(channel, data).toCompletableFuture().join();
    }

    @Test
    void publish_liveSubscribers_eachGetsItOnceEncodedOnce() {
        RecordingConnection exact = open(Resume.NOW, "news.a");
        RecordingConnection both = open(Resume.NOW, "news.a", "news.*", "**");
        RecordingConnection other = open(Resume.NOW, "sports");

        publish("news.a", "1");
        loop.run();

        assertEquals(List.of("news.a \"1\""), exact.messages());
        assertEquals(List.of("news.a \"1\""), both.messages());
        assertEquals(List.of(), other.messages());
        assertEquals(1, format.encodes.get());
    }

    @Test
    void publish_manyWhileTheLoopIsBusy_oneWakeUpAndOneFlushForEachConnection() {
        RecordingConnection connection = open(Resume.NOW, "a");
        long wakeups = pushy.hub().stats().wakeups();
        int flushes = connection.flushes;

        IntStream.range(0, 100).forEach(i -> publish("a", "" + i));
        loop.run();

        assertEquals(100, connection.messages().size());
        assertEquals(wakeups + 1, pushy.hub().stats().wakeups());
        assertEquals(flushes + 1, connection.flushes);
    }

    @Test
    void publish_whileAnotherIsWritten_thoseWhoseTurnHasNotComeGetBothInOneWrite() {
        List<RecordingConnection> connections = new ArrayList<>();
        AtomicInteger writes = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            RecordingConnection connection = open(Resume.NOW, "a");
            connection.writesNow = () -> {
                if (writes.incrementAndGet() == 1) {
                    publish("a", "2");
                }
            };
            connections.add(connection);
        }
        int flushes = connections.get(99).flushes;

        publish("a", "1");
        loop.run();

        connections.forEach(each -> assertEquals(List.of("a \"1\"", "a \"2\""), each.messages()));
        assertEquals(flushes + 1, connections.get(99).flushes);
        assertTrue(writes.get() < 100, writes + " of 200 written alone");
    }

    @Test
    void publish_withinTheGap_isWrittenAtItsEndInOneWriteWithWhatFollows() {
        pushy.close();
        Limits limits = Limits.builder().flushGap(Duration.ofMillis(20)).build();
        try (Pushy gapped = Pushy.builder().limits(limits).timers(time.timers()).start()) {
            RecordingConnection connection = connection();
            gapped.hub()
                    .connect(connection, Grant.of("anna", List.of()), connection)
                    .open(List.of(ChannelPattern.of("a")), Resume.NOW);
            loop.run();
            pass(20);
            gapped.publish("a", "1").toCompletableFuture().join();
            loop.run();
            assertEquals(List.of("a \"1\""), connection.messages(), "the first goes at once");
            int flushes = connection.flushes;

            gapped.publish("a", "2").toCompletableFuture().join();
            pass(19);
            gapped.publish("a", "3").toCompletableFuture().join();
            loop.run();
            assertEquals(1, connection.messages().size());
            pass(1);
            assertEquals(List.of("a \"1\"", "a \"2\"", "a \"3\""), connection.messages());
            assertEquals(flushes + 1, connection.flushes);
        }
    }

    /** Lets time pass in the world and on the loop. */
    private void pass(long millis) {
        time.runUntil(time.now() + millis);
        loop.advance(millis);
    }

    @Test
    void open_withCursor_missedMessagesThenLiveOnesInOrder() {
        RecordingConnection first = open(Resume.NOW, "a", "b.*");
        publish("a", "1");
        loop.run();
        publish("b.x", "2");
        publish("c", "not for us");
        publish("a", "3");
        loop.run();
        String cursor = first.received.get(1).substring(first.received.get(1).lastIndexOf(' ') + 1);

        RecordingConnection second = open(Resume.parse(cursor, 1), "a", "b.*");
        publish("b.y", "4");
        loop.run();

        assertEquals(List.of("b.x \"2\"", "a \"3\"", "b.y \"4\""), second.messages());
        assertTrue(second.received.get(2).endsWith(" true"), second.received.toString());
    }

    @Test
    void open_unknownCursor_gapResetThenAllRetained() {
        publish("a", "1");
        RecordingConnection connection = open(Resume.parse("rubbish", 1), "a");

        assertEquals("gap reset a", connection.received.get(0));
        assertEquals(List.of("a \"1\""), connection.messages());
    }

    @Test
    void open_socketThatDoesNotRead_longReplayIsPagedAndNothingIsLost() {
        IntStream.range(0, 500).forEach(i -> publish("a", "x".repeat(1_000) + i));
        RecordingConnection connection = connection();
        connection.stuck = true;
        Subscriber subscriber = connect(connection);
        subscriber.open(List.of(ChannelPattern.of("a")), new Resume.Last(500));
        loop.run();
        assertTrue(connection.backlog() < 100_000, "backlog " + connection.backlog());
        publish("a", "live");
        loop.run();

        connection.stuck = false;
        connection.flush();
        subscriber.drained();
        loop.advance(100);

        assertEquals(501, connection.messages().size());
        assertEquals("a \"live\"", connection.messages().get(500));
    }

    @Test
    void add_toLiveConnection_replayMovesOnlyItsOwnCursor() {
        publish("b", "0");
        RecordingConnection connection = connection();
        Subscriber subscriber = connect(connection);
        subscriber.open(List.of(ChannelPattern.of("a")), Resume.NOW);
        loop.run();
        publish("b", "1");
        publish("a", "2");
        loop.run();
        List<String> answers = new ArrayList<>();
        subscriber.add(List.of(ChannelPattern.of("b")), new Resume.Last(5), added -> answers.add("" + added.cursor()));
        publish("b", "3");
        loop.run();
        publish("b", "4");
        loop.run();

        assertEquals(List.of("a \"2\"", "b \"0\"", "b \"1\"", "b \"3\"", "b \"4\""), connection.messages());
        assertEquals(1, answers.size());
        assertTrue(connection.received.get(2).contains(" since "), connection.received.toString());
    }

    @Test
    void mailbox_overflows_connectionsRecoverFromTheLog() {
        pushy.close();
        try (Pushy small =
                Pushy.builder().limits(Limits.builder().mailbox(16).build()).start()) {
            RecordingConnection connection = connection();
            small.hub()
                    .connect(connection, Grant.of("anna", List.of()), connection)
                    .open(List.of(ChannelPattern.of("a")), Resume.NOW);
            loop.run();
            IntStream.range(0, 100)
                    .forEach(i ->
                            small.publish("a", "" + i).toCompletableFuture().join());
            loop.advance(100);
            small.publish("a", "last").toCompletableFuture().join();
            loop.advance(100);

            List<String> expected = new ArrayList<>();
            IntStream.range(0, 100).forEach(i -> expected.add("a \"" + i + "\""));
            expected.add("a \"last\"");
            assertEquals(expected, connection.messages());
        }
    }

    @Test
    void mailbox_moreConnectionsRecoverThanItHolds_eachGetsEverything() {
        pushy.close();
        try (Pushy small =
                Pushy.builder().limits(Limits.builder().mailbox(16).build()).start()) {
            List<RecordingConnection> connections = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                RecordingConnection connection = connection();
                small.hub()
                        .connect(connection, Grant.of("anna", List.of()), connection)
                        .open(List.of(ChannelPattern.of("a")), Resume.NOW);
                connections.add(connection);
            }
            loop.advance(100);

            IntStream.range(0, 50)
                    .forEach(i ->
                            small.publish("a", "" + i).toCompletableFuture().join());
            loop.advance(100);

            List<String> expected =
                    IntStream.range(0, 50).mapToObj(i -> "a \"" + i + "\"").toList();
            connections.forEach(connection -> assertEquals(expected, connection.messages()));
        }
    }

    @Test
    void add_heldOutputIsWrittenInPages_cursorDoesNotGoBackAndNothingComesTwice() {
        String padding = "x".repeat(1_000);
        IntStream.range(0, 100).forEach(i -> publish("b", padding + i));
        RecordingConnection connection = connection();
        Subscriber subscriber = connect(connection);
        subscriber.open(List.of(ChannelPattern.of("a")), Resume.NOW);
        loop.run();
        connection.stuck = true;
        subscriber.add(List.of(ChannelPattern.of("b")), new Resume.Last(100), added -> {});
        loop.run();
        IntStream.range(0, 100).forEach(i -> publish("a", padding + i));
        loop.run();

        letThrough(connection, subscriber);
        subscriber.heartbeat();
        String last = "";
        letThrough(connection, subscriber);
        for (String line : connection.received) {
            String cursor = line.substring(line.lastIndexOf(' ') + 1);
            if (line.startsWith("heartbeat ")) {
                assertEquals(last, cursor, "the heartbeat tells the cursor of what was written before it");
            }
            last = line.startsWith("message a ") ? cursor : last;
        }
        IntStream.range(100, 1_000).forEach(i -> publish("a", padding + i));
        loop.run();
        connection.stuck = false;
        for (int i = 0; i < 100; i++) {
            letThrough(connection, subscriber);
            loop.advance(10);
        }

        List<String> ofA = connection.messages().stream()
                .filter(message -> message.startsWith("a "))
                .toList();
        assertEquals(
                IntStream.range(0, 1_000)
                        .mapToObj(i -> "a \"" + padding + i + "\"")
                        .toList(),
                ofA);
        assertEquals(1_100, connection.messages().size());
    }

    /** The socket takes what waits, and then nothing again if it was stuck. */
    private void letThrough(RecordingConnection connection, Subscriber subscriber) {
        boolean stuck = connection.stuck;
        connection.stuck = false;
        connection.flush();
        connection.stuck = stuck;
        subscriber.drained();
        loop.run();
    }
}
