package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.HistoryPage;
import dev.pushy.core.HistoryQuery;
import dev.pushy.core.MessageLog;
import dev.pushy.core.MessageLog.Entry;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.MessageLog.Start;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the {@link MessageLog} of a broker promises while nothing fails: history, reads behind a cursor, markers. */
public abstract class MessageLogContract extends BrokerCluster {
    private long markers;

    private static HistoryPage history(
            Broker node, String channel, int limit, @Nullable Cursor since, boolean reverse) {
        return Await.get(log(node).history(Channel.of(channel), new HistoryQuery(limit, since, reverse)));
    }

    private static List<String> data(HistoryPage page) {
        return page.messages().stream().map(BrokerCluster::data).toList();
    }

    private LogSlice read(Broker node, int partition, Start start, int perChannel, int limit, String... patterns) {
        List<ChannelPattern> interest = new ArrayList<>();
        for (String pattern : patterns) {
            interest.add(ChannelPattern.of(pattern));
        }
        long marker = ++markers;
        LogSlice slice = Await.get(
                log(node).read(new LogQuery(partition, start, List.of(), interest, perChannel, limit, marker)));
        BrokerRecorder recorder = recorders.get(nodes.indexOf(node));
        Await.until(() -> recorder.marker(marker) != null, () -> "marker " + marker + " is not heard");
        assertEquals(slice.end(), recorder.marker(marker).end());
        List<Long> offsets = slice.entries().stream().map(Entry::offset).toList();
        assertEquals(offsets.stream().sorted().toList(), offsets, "the entries are not in order");
        return slice;
    }

    private LogSlice read(Broker node, Start start, String... patterns) {
        return read(node, partitionOf(node, patterns[0]), start, 1_000, 10_000, patterns);
    }

    private static int partitionOf(Broker node, String pattern) {
        return pattern.contains("*") ? 0 : log(node).partition(Channel.of(pattern));
    }

    private static List<String> data(LogSlice slice) {
        return slice.entries().stream()
                .map(Entry::publication)
                .map(publication -> publication == null ? "lost" : data(publication))
                .toList();
    }

    /** So many channel names that share a partition. */
    private static List<String> neighbours(Broker node, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; names.size() < count; i++) {
            if (log(node).partition(Channel.of("c" + i + ".x")) == 0) {
                names.add("c" + i + ".x");
            }
        }
        return names;
    }

    @Test
    void history_ofOneChannel_isInOrderBothWays() {
        Broker node = node();
        Broker other = node();
        List<String> forward = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Receipt receipt = publish(i % 2 == 0 ? node : other, "a", i);
            publish(node, "b", "other");
            forward.add(receipt.id());
        }
        publish(node, "a", "live", PublishOptions.LIVE_ONLY);
        for (Broker each : nodes) {
            HistoryPage page = history(each, "a", 100, null, false);
            assertTrue(page.complete());
            assertEquals(forward, page.messages().stream().map(Publication::id).toList());
            List<String> backward = new ArrayList<>(forward);
            java.util.Collections.reverse(backward);
            HistoryPage reversed = history(each, "a", 100, null, true);
            assertEquals(
                    backward, reversed.messages().stream().map(Publication::id).toList());
            assertEquals(List.of("29", "28"), data(history(each, "a", 2, null, true)));
            assertFalse(history(each, "a", 2, null, true).complete());
        }
    }

    @Test
    void history_ofUnknownChannel_isEmptyAndComplete() {
        Broker node = node();
        publish(node, "a", 1);
        HistoryPage page = history(node, "nothing", 10, null, false);
        assertEquals(List.of(), page.messages());
        assertTrue(page.complete());
        HistoryPage foreign = Await.get(log(node).history(Channel.of("shop", "a"), new HistoryQuery(1, null, false)));
        assertEquals(List.of(), foreign.messages());
    }

    @Test
    void history_pageByPage_hasEachMessageOnce() {
        Broker node = node();
        for (int i = 0; i < 50; i++) {
            publish(node, "a", i);
            publish(node, "b", i);
        }
        List<String> all = new ArrayList<>();
        Cursor cursor = null;
        boolean complete = false;
        for (int pages = 0; !complete; pages++) {
            assertTrue(pages < 10, "paging does not end");
            HistoryPage page = history(node, "a", 7, cursor, false);
            assertTrue(page.messages().size() <= 7);
            all.addAll(data(page));
            cursor = page.cursor();
            complete = page.complete();
        }
        assertEquals(50, all.size());
        for (int i = 0; i < 50; i++) {
            assertEquals(String.valueOf(i), all.get(i));
        }
        publish(node, "a", "new");
        assertEquals(List.of("new"), data(history(node, "a", 7, cursor, false)));
        assertEquals(
                List.of("new"),
                data(history(
                        node,
                        "a",
                        7,
                        Cursor.parse(cursor.toString(), cursor.partitions()).orElseThrow(),
                        false)));
    }

    @Test
    void history_beyondItsSize_isTrimmedAndSaysSo() {
        Broker node = node();
        PublishOptions ten = new PublishOptions(10, Duration.ofMinutes(5));
        publish(node, "a", "first", ten);
        Cursor early = history(node, "a", 10, null, false).cursor();
        for (int i = 0; i < 25; i++) {
            publish(node, "a", i, ten);
            publish(node, "b", i, KEPT);
        }
        HistoryPage page = history(node, "a", 100, early, false);
        assertEquals(List.of("15", "16", "17", "18", "19", "20", "21", "22", "23", "24"), data(page));
        assertFalse(page.complete(), "messages behind the cursor are lost");
        assertEquals(25, history(node, "b", 100, null, false).messages().size());
        publish(node, "a", "next", ten);
        HistoryPage next = history(node, "a", 100, page.cursor(), false);
        assertEquals(List.of("next"), data(next));
        assertTrue(next.complete());
    }

    @Test
    void history_beyondItsAge_isGone() {
        Broker node = node();
        PublishOptions minute = new PublishOptions(100, Duration.ofMinutes(1));
        publish(node, "a", "old", minute);
        Cursor early = history(node, "a", 10, null, false).cursor();
        publish(node, "a", "old too", minute);
        fixture.advance(Duration.ofSeconds(40));
        publish(node, "a", "young", minute);
        assertEquals(3, history(node, "a", 10, null, false).messages().size());
        fixture.advance(Duration.ofSeconds(30));
        HistoryPage page = history(node, "a", 10, early, false);
        assertEquals(List.of("young"), data(page));
        assertFalse(page.complete());
        fixture.advance(Duration.ofSeconds(40));
        assertEquals(List.of(), data(history(node, "a", 10, null, false)));
    }

    @Test
    void history_ofMessageWithShorterLife_isGoneBeforeTheOthers() {
        Broker node = node();
        PublishOptions brief = new PublishOptions(100, Duration.ofMinutes(5), Duration.ofSeconds(10), null);
        publish(node, "a", 1);
        publish(node, "a", 2, brief);
        publish(node, "a", 3);
        assertEquals(List.of("1", "2", "3"), data(history(node, "a", 10, null, false)));
        fixture.advance(Duration.ofSeconds(15));
        assertEquals(List.of("1", "3"), data(history(node, "a", 10, null, false)));
    }

    @Test
    void read_afterEveryPosition_givesWhatFollows() {
        Broker node = node();
        List<String> channels = neighbours(node, 2);
        List<Position> positions = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            positions.add(publish(node, channels.get(i % 2), i).position());
            all.add(String.valueOf(i));
        }
        for (int i = 0; i < 20; i++) {
            LogSlice slice = read(node, new Start.After(positions.get(i)), channels.toArray(String[]::new));
            assertNull(slice.reason());
            assertNull(slice.branch());
            assertEquals(positions.get(19), slice.end());
            assertEquals(all.subList(i + 1, 20), data(slice));
        }
        Position zero = new Position(0, positions.get(0).epoch(), 0, 0);
        LogSlice slice = read(node, new Start.After(zero), channels.toArray(String[]::new));
        assertNull(slice.reason(), "from the very beginning, of which all is there");
        assertEquals(all, data(slice));
    }

    @Test
    void read_entries_areTheMessagesAsTheyWere() {
        Broker node = node();
        Broker other = node();
        Position before = publish(node, "a", "before").position();
        Publication sent = Publication.of(Channel.of("a"), "named", new byte[] {'[', '1', ']'})
                .except("1.2");
        Receipt receipt = Await.get(other.publish(sent, KEPT));
        Entry entry = read(node, new Start.After(before), "a").entries().get(0);
        Publication read = entry.publication();
        assertNotNull(read);
        assertEquals(receipt.position().offset(), entry.offset());
        assertEquals(Channel.of("a"), entry.channel());
        assertEquals(Channel.of("a"), read.channel());
        assertEquals(receipt.id(), read.id());
        assertEquals(receipt.position(), read.position());
        assertEquals("named", read.event());
        assertEquals("[1]", new String(read.data(), java.nio.charset.StandardCharsets.UTF_8));
        assertEquals("1.2", read.excepted());
        assertTrue(read.time() > 0);
    }

    @Test
    void read_interest_isAllThatComes() {
        Broker node = node();
        Position start = publish(node, "a.x", "start").position();
        List<String> channels = List.of("a.x", "a.y", "a.x.z", "b.x", "c");
        for (String channel : channels) {
            publish(node, channel, channel);
        }
        Set<String> found = new TreeSet<>();
        for (String[] patterns :
                new String[][] {{"a.x", "c"}, {"a.*"}, {"a.**", "b.x"}, {"**"}, {"*.x", "a.x"}, {"d"}}) {
            found.clear();
            for (int p = 0; p < partitions(node); p++) {
                boolean first = p == start.partition();
                Start from = first ? new Start.After(start) : new Start.Unknown();
                found.addAll(data(read(node, p, from, 100, 100, patterns)));
            }
            Set<String> expected = channels.stream()
                    .filter(channel -> List.of(patterns).stream()
                            .anyMatch(pattern -> ChannelPattern.of(pattern).matches(Channel.of(channel))))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(expected, found, List.of(patterns).toString());
        }
    }

    @Test
    void read_relativeStarts_beginWhereTheySay() {
        Broker node = node();
        for (int i = 0; i < 5; i++) {
            publish(node, "a", i);
        }
        assertEquals(List.of(), data(read(node, new Start.Now(), "a")));
        assertNull(read(node, new Start.Now(), "a").reason());
        assertEquals(List.of("3", "4"), data(read(node, new Start.Last(2), "a")));
        assertEquals(List.of(), data(read(node, new Start.Last(0), "a")));
        assertEquals(5, read(node, new Start.Last(100), "a").entries().size());
        assertNull(read(node, new Start.Last(100), "a").reason());
        LogSlice unknown = read(node, new Start.Unknown(), "a");
        assertEquals(Gap.Reason.RESET, unknown.reason());
        assertEquals(5, unknown.entries().size());
    }

    @Test
    void read_fromATime_beginsThere() {
        Broker node = node();
        publish(node, "a", "old");
        fixture.advance(Duration.ofSeconds(60));
        publish(node, "a", "young");
        publish(node, "a", "younger");
        long time = history(node, "a", 10, null, false).messages().get(1).time();
        assertEquals(List.of("young", "younger"), data(read(node, new Start.FromTime(time), "a")));
        assertEquals(List.of("young", "younger"), data(read(node, new Start.FromTime(time - 10_000), "a")));
        assertEquals(List.of("old", "young", "younger"), data(read(node, new Start.FromTime(time - 90_000), "a")));
        assertEquals(List.of(), data(read(node, new Start.FromTime(time + 90_000), "a")));
    }

    @Test
    void read_beyondItsBounds_keepsTheNewestAndSaysWhatIsLost() {
        Broker node = node();
        List<String> channels = neighbours(node, 2);
        String busy = channels.get(0);
        String quiet = channels.get(1);
        Position start = publish(node, busy, "start").position();
        for (int i = 0; i < 5; i++) {
            publish(node, quiet, "q" + i);
        }
        for (int i = 0; i < 40; i++) {
            publish(node, busy, "b" + i);
        }
        LogSlice perChannel = read(node, 0, new Start.After(start), 10, 1_000, busy, quiet);
        assertNull(perChannel.reason());
        assertEquals(Set.of(busy), lost(perChannel));
        List<String> kept = bodies(perChannel);
        assertEquals(15, kept.size());
        assertTrue(kept.containsAll(List.of("q0", "q4", "b30", "b39")), kept.toString());

        LogSlice total = read(node, 0, new Start.After(start), 1_000, 20, busy, quiet);
        assertEquals(20, bodies(total).size());
        assertEquals("b39", bodies(total).get(19));
        assertEquals("b20", bodies(total).get(0));
        assertEquals(Set.of(busy, quiet), lost(total));
        assertEquals(Set.of(), lost(read(node, 0, new Start.After(start), 40, 45, busy, quiet)));
        LogSlice pattern = read(node, 0, new Start.After(start), 10, 1_000, "**");
        assertEquals(Set.of(busy), lost(pattern));
        assertEquals(kept, bodies(pattern));
    }

    private static List<String> bodies(LogSlice slice) {
        return data(slice).stream().filter(data -> !data.equals("lost")).toList();
    }

    private static Set<String> lost(LogSlice slice) {
        return slice.entries().stream()
                .filter(entry -> entry.publication() == null)
                .map(entry -> entry.channel().name())
                .collect(Collectors.toSet());
    }

    @Test
    void read_afterPositionsThatAreNotOfTheLog_saysWhatIsWrong() {
        Broker node = node();
        List<Position> positions = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            positions.add(publish(node, "a", i).position());
        }
        Position third = positions.get(2);
        Position last = positions.get(4);
        Position otherEpoch = new Position(third.partition(), third.epoch() ^ 1, third.offset(), third.tag());
        LogSlice reset = read(node, new Start.After(otherEpoch), "a");
        assertEquals(Gap.Reason.RESET, reset.reason());
        assertEquals(List.of("0", "1", "2", "3", "4"), data(reset));

        Position otherTag = new Position(third.partition(), third.epoch(), third.offset(), third.tag() ^ 1);
        LogSlice fork = read(node, new Start.After(otherTag), "a");
        assertEquals(Gap.Reason.FORK, fork.reason());
        assertNotNull(fork.branch());
        assertEquals(third.offset(), fork.branch().firstNew());
        assertEquals(List.of("2", "3", "4"), data(fork));

        Position otherEnd = new Position(last.partition(), last.epoch(), last.offset(), last.tag() ^ 1);
        assertEquals(Gap.Reason.FORK, read(node, new Start.After(otherEnd), "a").reason());

        Position beyond = new Position(last.partition(), last.epoch(), last.offset() + 3, 7);
        LogSlice ahead = read(node, new Start.After(beyond), "a");
        assertEquals(Gap.Reason.AHEAD, ahead.reason());
        assertEquals(List.of(), data(ahead));
        assertNotNull(ahead.branch());
        assertTrue(ahead.branch().firstNew() > last.offset(), "what was handed out would come again");
    }

    /** The ring tells which of the messages after a fork were handed out before it and which never were. */
    @Test
    void read_afterFork_findsTheBranchByTheRing() {
        Broker node = node();
        List<Position> real = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            real.add(publish(node, "a", i).position());
        }
        List<Position> ring = new ArrayList<>(real.subList(0, 5));
        for (Position position : real.subList(5, 8)) {
            ring.add(new Position(position.partition(), position.epoch(), position.offset(), position.tag() ^ 1));
        }
        long marker = ++markers;
        LogSlice slice = Await.get(log(node)
                .read(new LogQuery(
                        real.get(0).partition(),
                        new Start.After(ring.get(7)),
                        ring,
                        List.of(ChannelPattern.of("a")),
                        100,
                        100,
                        marker)));
        assertEquals(Gap.Reason.FORK, slice.reason());
        assertNotNull(slice.branch());
        assertEquals(6, slice.branch().firstNew());
        assertEquals(5, slice.branch().lastCommon());
        assertTrue(
                data(slice).containsAll(List.of("5", "6", "7", "8", "9")),
                data(slice).toString());
    }

    @Test
    void read_afterWhatIsForgotten_isExpired() {
        Broker node = node();
        List<Position> positions = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            positions.add(publish(node, "a", i).position());
        }
        fixture.trimIndex(4);
        for (int i = 0; i < 6; i++) {
            LogSlice slice = read(node, new Start.After(positions.get(i)), "a");
            assertEquals(Gap.Reason.EXPIRED, slice.reason(), "after " + i);
            assertEquals(List.of("6", "7", "8", "9"), bodies(slice));
        }
        assertNull(read(node, new Start.After(positions.get(6)), "a").reason());
        Position zero =
                new Position(positions.get(0).partition(), positions.get(0).epoch(), 0, 0);
        assertEquals(Gap.Reason.EXPIRED, read(node, new Start.After(zero), "a").reason());
    }

    @Test
    void read_messagesThatAreGone_areNamedByTheirChannel() {
        Broker node = node();
        List<String> channels = neighbours(node, 2);
        Position start = publish(node, channels.get(0), "start").position();
        publish(node, channels.get(0), "gone");
        publish(node, channels.get(1), "there");
        fixture.trim(Channel.of(channels.get(0)));
        publish(node, channels.get(0), "new");
        for (String[] interest : List.of(channels.toArray(String[]::new), new String[] {"**"})) {
            LogSlice slice = read(node, 0, new Start.After(start), 100, 100, interest);
            assertNull(slice.reason());
            assertEquals(List.of("there", "new"), bodies(slice));
            assertEquals(Set.of(channels.get(0)), lost(slice));
            long loss = slice.entries().stream()
                    .filter(entry -> entry.publication() == null)
                    .mapToLong(Entry::offset)
                    .min()
                    .orElseThrow();
            long first = slice.entries().stream()
                    .filter(entry -> entry.publication() != null
                            && entry.channel().name().equals(channels.get(0)))
                    .map(Entry::offset)
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            assertTrue(loss < first, "the loss is told after the message that follows it");
        }
    }

    @Test
    void mark_standsInOrderWithTheMessages() {
        Broker node = node();
        subscribe(node, "a");
        MessageLog log = log(node);
        List<Receipt> receipts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            receipts.add(publish(node, "a", i));
            Await.get(log.mark(receipts.get(i).position().partition(), 1_000 + i));
        }
        BrokerRecorder recorder = recorders.get(0);
        Await.until(
                () -> recorder.timeline().size() >= 200,
                () -> "heard " + recorder.timeline().size() + " of 200");
        List<Object> timeline = recorder.timeline();
        for (int i = 0; i < 100; i++) {
            BrokerRecorder.Heard heard = (BrokerRecorder.Heard) timeline.get(2 * i);
            BrokerRecorder.Marker marker = (BrokerRecorder.Marker) timeline.get(2 * i + 1);
            assertEquals(receipts.get(i).id(), heard.publication().id());
            assertEquals(1_000 + i, marker.id());
            assertEquals(receipts.get(i).position(), marker.end());
        }
    }

    @Test
    void mark_isHeardByItsOwnNodeOnly() {
        Broker node = node();
        node();
        publish(node, "a", 1);
        for (int p = 0; p < partitions(node); p++) {
            int partition = p;
            Await.get(log(node).mark(p, 50 + p));
            Await.until(() -> recorders.get(0).marker(50 + partition) != null, () -> "no marker");
        }
        assertEquals(List.of(), recorders.get(1).timeline());
    }

    @Test
    void subscribeThenRead_atFullSpeed_losesAndDoublesNothing() throws Exception {
        new SubscribeReadRace(node(), fixture.createNode()).run(1_000, nodes::add);
    }
}
