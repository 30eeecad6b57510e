package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What comes together goes together, and nothing else changes by that. */
class BurstTest {
    private final ManualEventLoop loop = new ManualEventLoop();
    private final LineFormat format = new LineFormat();
    /** Stands still, so that no budget of time runs out on a busy machine. */
    private final VirtualTime time = new VirtualTime(1, 1);

    private final Pushy pushy = Pushy.builder().timers(time.timers()).start();
    private final AtomicInteger writes = new AtomicInteger();
    private int ids;

    @AfterEach
    void close() {
        pushy.close();
    }

    private RecordingConnection connection() {
        RecordingConnection connection = new RecordingConnection("1." + ++ids, loop, format);
        connection.writesNow = writes::incrementAndGet;
        return connection;
    }

    private Subscriber open(RecordingConnection connection, Resume resume, String... patterns) {
        Subscriber subscriber =
                pushy.hub().connect(connection, Grant.of("anna", List.of(ChannelPattern.of("**"))), connection);
        subscriber.open(Stream.of(patterns).map(ChannelPattern::of).toList(), resume);
        loop.run();
        return subscriber;
    }

    private RecordingConnection live(String... patterns) {
        RecordingConnection connection = connection();
        open(connection, Resume.NOW, patterns);
        return connection;
    }

    private void publish(String channel, int... numbers) {
        for (int number : numbers) {
            publish(channel, "" + number);
        }
    }

    private void publish(String channel, String data) {
        pushy.publish(channel, data).toCompletableFuture().join();
    }

    private static List<String> messages(String channel, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> channel + " \"" + i + "\"")
                .toList();
    }

    @Test
    void manyOnOneChannel_oneWriteForEachConnectionAndOneEncodingForEachMessage() {
        List<RecordingConnection> connections = IntStream.range(0, 40)
                .mapToObj(i -> i % 2 == 0 ? live("news.a") : live("news.*"))
                .toList();

        publish("news.a", IntStream.range(0, 60).toArray());
        loop.run();

        connections.forEach(each -> assertEquals(messages("news.a", 0, 60), each.messages()));
        assertEquals(connections.size(), writes.get());
        assertEquals(60, format.encodes.get());
        assertEquals(60L * connections.size(), pushy.hub().stats().deliveries());
    }

    @Test
    void severalPatternsOfOneConnectionMatch_eachMessageOnceInOrder() {
        RecordingConnection connection = live("news.a", "news.*", "**");

        publish("news.a", IntStream.range(0, 100).toArray());
        loop.run();

        assertEquals(messages("news.a", 0, 100), connection.messages());
    }

    @Test
    void anotherChannelBetween_orderHoldsAcrossChannels() {
        RecordingConnection both = live("a", "b");
        RecordingConnection one = live("b");

        publish("a", 1, 2);
        publish("b", 3);
        publish("a", 4);
        publish("b", 5, 6);
        loop.run();

        assertEquals(List.of("a \"1\"", "a \"2\"", "b \"3\"", "a \"4\"", "b \"5\"", "b \"6\""), both.messages());
        assertEquals(List.of("b \"3\"", "b \"5\"", "b \"6\""), one.messages());
    }

    @Test
    void ownMessagesAmongThem_areLeftOutForTheirSenderAlone() {
        RecordingConnection sender = live("a");
        RecordingConnection other = live("a");

        for (int i = 0; i < 6; i++) {
            Publication message = Publication.of(Channel.of("a"), "\"" + i + "\"");
            pushy.publish(i / 2 == 1 ? message.except(sender.id()) : message)
                    .toCompletableFuture()
                    .join();
        }
        loop.run();

        assertEquals(List.of("a \"0\"", "a \"1\"", "a \"4\"", "a \"5\""), sender.messages());
        assertEquals(messages("a", 0, 6), other.messages());
    }

    @Test
    void anotherConnectionIsOnItsWay_bothGetEverythingOnceAndStillInOneWrite() {
        String padding = "x".repeat(2_000);
        RecordingConnection live = live("a");
        RecordingConnection late = connection();
        late.stuck = true;
        IntStream.range(0, 100).forEach(i -> publish("a", padding + i));
        Subscriber subscriber = open(late, new Resume.Last(100), "a");
        loop.run();
        writes.set(0);

        publish("a", IntStream.range(100, 150).toArray());
        loop.run();
        assertEquals(1, writes.get(), "the one that is live is written to at once");
        assertEquals(List.of(), late.messages());

        late.stuck = false;
        late.flush();
        subscriber.drained();
        loop.advance(100);
        List<String> all = IntStream.range(0, 150)
                .mapToObj(i -> "a \"" + (i < 100 ? padding : "") + i + "\"")
                .toList();
        assertEquals(all, live.messages());
        assertEquals(all, late.messages());
    }

    @Test
    void oneConnectionFails_isClosedAndTheOthersMissNothing() {
        RecordingConnection first = live("a");
        RecordingConnection broken = live("a");
        RecordingConnection last = live("a");
        broken.writesNow = null;
        broken.fails = true;

        publish("a", 0, 1, 2);
        loop.run();

        assertEquals(CloseReason.INTERNAL, broken.closed);
        assertEquals(messages("a", 0, 3), first.messages());
        assertEquals(messages("a", 0, 3), last.messages());
    }

    @Test
    void oneMessageCannotBeEncoded_theOthersCome() {
        WireFormat failing = mock();
        when(failing.publication(any(), any(), any())).thenAnswer(call -> {
            Publication publication = call.getArgument(0);
            if (publication.data()[1] == '1') {
                throw new IllegalStateException("not this one");
            }
            return publication.data();
        });
        PreparedBurst burst = new PreparedBurst();
        IntStream.range(0, 3).forEach(i -> burst.add(event("" + i, i)));

        assertEquals(2, burst.frames(failing).size());
    }

    @Test
    void connectionThatCannotWritePastItsQueue_isFlushedOnce() {
        RecordingConnection connection = live("a");
        connection.writesNow = null;
        int flushes = connection.flushes;

        publish("a", IntStream.range(0, 100).toArray());
        loop.run();

        assertEquals(messages("a", 0, 100), connection.messages());
        assertEquals(flushes + 1, connection.flushes);
    }

    @Test
    void moreThanOneBurst_nothingIsLost() {
        RecordingConnection connection = live("a");
        int flushes = connection.flushes;

        publish("a", IntStream.range(0, 1_000).toArray());
        loop.run();

        assertEquals(messages("a", 0, 1_000), connection.messages());
        assertEquals(flushes + 1, connection.flushes);
        assertEquals(0, writes.get(), "the first bursts wait for the last, and all are one write");
    }

    @Test
    void add_moreThanGoTogether_isRefused() {
        PreparedBurst burst = new PreparedBurst();
        for (int i = 0; i < PreparedBurst.CAPACITY; i++) {
            assertTrue(burst.add(event("" + i, i)));
        }
        assertFalse(burst.add(event("one more", 1_000)));
        assertEquals(PreparedBurst.CAPACITY, burst.size());
    }

    @Test
    void add_moreDataThanGoesTogether_isRefused() {
        PreparedBurst burst = new PreparedBurst();
        assertTrue(burst.add(event("x".repeat(100_000), 1)), "the first always has a place");
        assertFalse(burst.add(event("y", 2)));

        burst.clear();
        assertTrue(burst.add(event("z", 3)));
    }

    @Test
    void frames_formatThatDoesNotShowAll_onlyThoseItShows() {
        PreparedBurst burst = new PreparedBurst();
        burst.add(event("1", 1));
        burst.add(event("2", 2));
        WireFormat picky = mock();
        assertNull(burst.frames(picky));

        WireFormat even = mock();
        byte[] frame = {2, 2, 2};
        when(even.publication(burst.last().publication, null, null)).thenReturn(frame);
        Burst shown = burst.frames(even);
        assertEquals(1, shown.size());
        assertSame(frame, shown.frame(0));
        assertSame(burst.last().publication, shown.publication(0));
        assertEquals(3, shown.bytes());
    }

    private static PreparedEvent event(String data, long sequence) {
        Publication publication = Publication.of(Channel.of("a"), "\"" + data + "\"");
        return new PreparedEvent(publication, 0, null, new Interest[0], sequence, 0, new HubCounters());
    }
}
