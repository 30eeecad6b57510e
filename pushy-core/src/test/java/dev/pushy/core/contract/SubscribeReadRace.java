package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.MessageLog;
import dev.pushy.core.MessageLog.Entry;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.MessageLog.Start;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.Receipt;
import dev.pushy.core.Revocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The moment between history and live. Two publishers hardly pause, each numbering its messages on its own channel; a node
 * subscribes, reads with a marker, and must find in what it read and what it heard behind the marker every number once.
 */
final class SubscribeReadRace {
    private static final int LIVE = 3;

    private final Broker publishing;
    private final Broker subscribing;
    private final Stream[] streams = {new Stream(Channel.of("race.1")), new Stream(Channel.of("race.2"))};
    private final Live live = new Live();
    private final Random random = new Random(11);

    SubscribeReadRace(Broker publishing, Broker subscribing) {
        this.publishing = publishing;
        this.subscribing = subscribing;
    }

    void run(int rounds, Consumer<Broker> closeLater) throws Exception {
        closeLater.accept(subscribing);
        subscribing.start(live);
        Await.until(live::isUp, () -> "the link does not come up");
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService pool = Executors.newFixedThreadPool(streams.length);
        try {
            List<Future<?>> publishers = new ArrayList<>();
            for (Stream stream : streams) {
                publishers.add(pool.submit(() -> {
                    while (!done.get()) {
                        stream.publish(publishing);
                    }
                }));
            }
            Await.until(() -> streams[0].count() > 100 && streams[1].count() > 100, () -> "no publisher gets going");
            int broken = 0;
            for (int round = 0; round < rounds; round++) {
                if (!tryRound(round)) {
                    broken++; // the link or this thread could not keep up; the next round tries anew
                    assertTrue(broken < rounds, "the link breaks in every round");
                    Await.until(live::isUp, () -> "the link does not come back");
                }
            }
            done.set(true);
            for (Future<?> publisher : publishers) {
                publisher.get();
            }
            System.getLogger(SubscribeReadRace.class.getName())
                    .log(
                            System.Logger.Level.INFO,
                            "{0} rounds, {1} of them broken, against {2} messages",
                            rounds,
                            broken,
                            streams[0].count() + streams[1].count());
            assertTrue(broken < rounds / 2, "the link broke in " + broken + " of " + rounds + " rounds");
        } finally {
            done.set(true);
            pool.shutdownNow();
        }
    }

    private boolean tryRound(int round) {
        String pattern = round % 3 == 0 ? "race.*" : round % 3 == 1 ? "race.1" : "**";
        MessageLog log = subscribing.log().orElseThrow();
        Stream started = streams[0];
        int[] counts = {streams[0].count(), streams[1].count()};
        Position start = started.recent(random.nextInt(50));
        int partition = start.partition();
        int breaks = live.begin(round + 1L, partition);
        ChannelPattern interest = ChannelPattern.of(pattern);
        Await.get(subscribing.subscribe(interest));
        LogSlice slice = Await.get(log.read(new LogQuery(
                partition, new Start.After(start), List.of(), List.of(interest), 10_000, 100_000, round + 1L)));
        List<Stream> watched = new ArrayList<>();
        for (Stream stream : streams) {
            if (interest.matches(stream.channel) && log.partition(stream.channel) == partition) {
                watched.add(stream);
            }
        }
        Await.until(
                () -> live.breaks() != breaks || live.hasEnough(watched),
                () -> "nothing comes behind the marker: " + live);
        Await.get(subscribing.unsubscribe(interest));
        if (live.breaks() != breaks) {
            return false;
        }
        if (hasLost(slice)) {
            // This thread was held up so long that messages fell out of the history: only then may they be lost.
            long most = Math.max(streams[0].count() - counts[0], streams[1].count() - counts[1]);
            assertTrue(
                    most > BrokerCluster.KEPT.historySize() - 64, "lost after " + most + " messages: " + slice.end());
            return false;
        }
        assertNull(slice.reason(), "round " + round);
        List<Publication> heard = live.behindMarker();
        for (Stream stream : watched) {
            check(round, stream, start, slice, heard);
        }
        return true;
    }

    private static boolean hasLost(LogSlice slice) {
        return slice.entries().stream().anyMatch(entry -> entry.publication() == null);
    }

    private static void check(int round, Stream stream, Position start, LogSlice slice, List<Publication> heard) {
        List<Long> numbers = new ArrayList<>();
        for (Entry entry : slice.entries()) {
            if (entry.channel().equals(stream.channel)) {
                assertNotNull(entry.publication(), "round " + round + ": a message is not retained");
                assertTrue(entry.offset() <= slice.end().offset() && entry.offset() > start.offset());
                numbers.add(Long.parseLong(BrokerCluster.data(entry.publication())));
            }
        }
        int read = numbers.size();
        for (Publication publication : heard) {
            if (publication.channel().equals(stream.channel)) {
                assertTrue(publication.position().offset() > slice.end().offset(), "round " + round + ": not new");
                numbers.add(Long.parseLong(BrokerCluster.data(publication)));
            }
        }
        long first = numbers.get(0);
        for (int i = 0; i < numbers.size(); i++) {
            assertEquals(first + i, numbers.get(i), "round " + round + ", " + read + " were read: " + numbers);
        }
        if (first > 0) {
            assertTrue(stream.offset(first - 1) <= start.offset(), "round " + round + ": the first is missing");
        }
        assertTrue(stream.offset(first) > start.offset(), "round " + round + ": more came than was asked for");
    }

    /** What one publisher has published: the offset of each number. */
    private static final class Stream {
        private final Channel channel;
        private long[] offsets = new long[1_024];
        private int count;
        private final Position[] recent = new Position[64];

        Stream(Channel channel) {
            this.channel = channel;
        }

        void publish(Broker broker) {
            int number = count();
            if (number % 16 == 0) {
                LockSupport.parkNanos(20_000); // lets others at a lock that whoever runs gets again and again
            }
            Receipt receipt =
                    Await.get(broker.publish(Publication.of(channel, "\"" + number + "\""), BrokerCluster.KEPT));
            synchronized (this) {
                if (count == offsets.length) {
                    offsets = Arrays.copyOf(offsets, count * 2);
                }
                offsets[count] = receipt.position().offset();
                recent[count % recent.length] = receipt.position();
                count++;
            }
        }

        synchronized int count() {
            return count;
        }

        /** The offset of a number; one whose answer is still on its way is beyond all others. */
        synchronized long offset(long number) {
            return number < count ? offsets[(int) number] : Long.MAX_VALUE;
        }

        synchronized Position recent(int back) {
            return recent[(count - 1 - back) % recent.length];
        }
    }

    /** Keeps what comes behind the marker of the round. */
    private static final class Live implements Broker.Listener {
        /** Of each channel: one publisher may be held up while the other goes on. */
        private static final int MOST_KEPT = 5_000;

        private final List<Publication> behind = new ArrayList<>();
        private final Map<Channel, Integer> kept = new HashMap<>();
        private long marker = -1;
        private int partition;
        private boolean marked;
        private int ups;
        private int downs;

        synchronized int begin(long round, int ofPartition) {
            marker = round;
            partition = ofPartition;
            marked = false;
            behind.clear();
            kept.clear();
            return downs;
        }

        synchronized List<Publication> behindMarker() {
            return new ArrayList<>(behind);
        }

        synchronized boolean hasEnough(List<Stream> streams) {
            return marked
                    && streams.stream()
                            .allMatch(stream -> behind.stream()
                                            .filter(each -> each.channel().equals(stream.channel))
                                            .count()
                                    >= LIVE);
        }

        synchronized int breaks() {
            return downs;
        }

        synchronized boolean isUp() {
            return ups > downs;
        }

        @Override
        public synchronized void onPublication(Publication publication, @Nullable Position previous) {
            if (marked
                    && publication.position().partition() == partition
                    && kept.merge(publication.channel(), 1, Integer::sum) <= MOST_KEPT) {
                behind.add(publication);
            }
        }

        @Override
        public synchronized void onMarker(long heard, Position end) {
            marked |= heard == marker;
        }

        @Override
        public synchronized void onLinkUp(int up) {
            ups++;
        }

        @Override
        public synchronized void onLinkDown(int down) {
            downs++;
        }

        @Override
        public void onPresence(ChannelEvent event) {}

        @Override
        public void onSetback(int partition) {}

        @Override
        public void onControl(ControlMessage message) {}

        @Override
        public void onRevocation(Revocation revocation) {}

        @Override
        public synchronized String toString() {
            return (marked ? "marked, then " : "no marker, ") + behind.size() + " messages";
        }
    }
}
