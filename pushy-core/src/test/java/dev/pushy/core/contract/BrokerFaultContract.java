package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Gap;
import dev.pushy.core.HistoryQuery;
import dev.pushy.core.MessageLog;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.MessageLog.Start;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishException.Outcome;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Retained;
import dev.pushy.core.Revocation;
import dev.pushy.core.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * What a {@link Broker} with a log promises when something fails, under load: nobody hears a message twice or out of
 * order, nobody hears what was refused, and what was accepted and does not arrive is announced, once for each incident.
 */
public abstract class BrokerFaultContract extends BrokerCluster {
    private static final List<Channel> CHANNELS = List.of(
            Channel.of("f.1"),
            Channel.of("f.2"),
            Channel.of("f.3"),
            Channel.of("g.1"),
            Channel.of("g.2"),
            Channel.of("g.3"));

    private final List<RecoveringNode> readers = new ArrayList<>();
    private long marker;

    /** What a test does to the broker while the load goes on. */
    private interface Incident {
        void happen(FaultLoad load) throws Exception;
    }

    /** Runs the load around the incident and checks what always holds. */
    private FaultLoad run(PublishOptions options, Incident incident) throws Exception {
        List<ChannelPattern> exact = CHANNELS.stream().map(ChannelPattern::of).toList();
        reader(exact);
        reader(List.of(ChannelPattern.of("f.*"), ChannelPattern.of("g.**"), ChannelPattern.of("f.1")));
        try (FaultLoad load = new FaultLoad(nodes, CHANNELS, options).start()) {
            incident.happen(load);
            load.awaitMore(100);
            load.finish(readers);
            for (RecoveringNode reader : readers) {
                assertEquals(List.of(), reader.faults());
                assertEquals(List.of(), load.ghosts(reader));
                Map<Channel, Integer> missing = load.missing(reader);
                for (Channel channel : missing.keySet()) {
                    // A node that had not heard what was lost is told of it by another one.
                    Await.until(
                            () -> isAnnounced(reader, channel),
                            () -> "lost without a word: " + missing + " of " + load.accepted() + ", announced "
                                    + reader.losses());
                }
            }
            return load;
        }
    }

    private void reader(List<ChannelPattern> interest) {
        Broker node = fixture.createNode();
        nodes.add(node);
        log(node);
        RecoveringNode reader = new RecoveringNode(node, interest);
        readers.add(reader);
        reader.start();
    }

    private boolean isAnnounced(RecoveringNode reader, Channel channel) {
        int partition = log(nodes.get(0)).partition(channel);
        return reader.losses().stream()
                .anyMatch(loss -> loss.partition() == partition
                        && (loss.channel() == null || loss.channel().equals(channel)));
    }

    private void assertNothingLost(FaultLoad load) {
        for (RecoveringNode reader : readers) {
            assertEquals(List.of(), reader.losses());
            assertEquals(Map.of(), load.missing(reader));
        }
    }

    /** At most one loss of a partition, of one of these reasons, and one at least somewhere. */
    private void assertOneLossEach(Gap.Reason... reasons) {
        for (RecoveringNode reader : readers) {
            Set<Integer> partitions = new HashSet<>();
            assertFalse(reader.losses().isEmpty(), "no loss was announced");
            for (RecoveringNode.Loss loss : reader.losses()) {
                assertTrue(
                        List.of(reasons).contains(loss.reason()),
                        reader.losses().toString());
                assertTrue(partitions.add(loss.partition()), "announced twice: " + reader.losses());
            }
        }
    }

    @Test
    void noFault_nothingIsLost() throws Exception {
        assertNothingLost(run(KEPT, load -> load.awaitMore(300)));
    }

    @Test
    void linkCutSeveralTimes_nothingIsLost() throws Exception {
        FaultLoad load = run(KEPT, running -> {
            for (int i = 0; i < 5; i++) {
                fixture.cutLink(nodes.get(i % 2));
                running.awaitMore(40);
                fixture.healLink(nodes.get(i % 2));
                running.awaitMore(40);
            }
        });
        assertNothingLost(load);
    }

    @Test
    void linkCutLongerThanTheHistory_isExpired() throws Exception {
        run(new PublishOptions(3, Duration.ofMinutes(5)), load -> {
            fixture.cutLink(nodes.get(0));
            load.awaitMore(200);
            fixture.healLink(nodes.get(0));
        });
        Set<Channel> announced = new HashSet<>();
        for (RecoveringNode.Loss loss : readers.get(0).losses()) {
            assertEquals(Gap.Reason.EXPIRED, loss.reason());
            assertTrue(
                    loss.channel() != null && announced.add(loss.channel()),
                    "not once: " + readers.get(0).losses());
        }
        assertEquals(new HashSet<>(CHANNELS), announced);
        assertEquals(List.of(), readers.get(1).losses());
    }

    @Test
    void channelTrimmedDuringACut_isExpiredAlone() throws Exception {
        Channel victim = CHANNELS.get(1);
        run(KEPT, load -> {
            fixture.cutLink(nodes.get(0));
            load.awaitMore(60);
            fixture.trim(victim);
            load.awaitMore(60);
            fixture.healLink(nodes.get(0));
        });
        for (RecoveringNode.Loss loss : readers.get(0).losses()) {
            assertEquals(victim, loss.channel());
            assertEquals(Gap.Reason.EXPIRED, loss.reason());
        }
        assertEquals(1, readers.get(0).losses().size());
        assertEquals(List.of(), readers.get(1).losses());
    }

    @Test
    void indexTrimmedDuringACut_isExpired() throws Exception {
        run(KEPT, load -> {
            fixture.cutLink(nodes.get(0));
            load.awaitMore(200);
            fixture.trimIndex(5);
            fixture.healLink(nodes.get(0));
        });
        Set<Integer> partitions = new HashSet<>();
        for (RecoveringNode.Loss loss : readers.get(0).losses()) {
            assertEquals(Gap.Reason.EXPIRED, loss.reason());
            assertTrue(
                    partitions.add(loss.partition()),
                    "not once: " + readers.get(0).losses());
        }
        assertFalse(partitions.isEmpty());
        assertEquals(List.of(), readers.get(1).losses());
    }

    /** The message after it on its channel names one that did not come. */
    @Test
    void messageLostOnTheLink_isFoundByTheNext() throws Exception {
        int drops = 5;
        FaultLoad load = run(KEPT, running -> {
            for (int i = 0; i < drops; i++) {
                fixture.dropDelivery(nodes.get(0));
                running.awaitMore(40);
            }
        });
        assertTrue(recoveries(0) > 0, "no loss was found");
        assertTrue(
                readers.get(0).losses().size() <= drops, readers.get(0).losses().toString());
        assertTrue(load.missing(readers.get(0)).values().stream()
                        .mapToInt(count -> count)
                        .sum()
                <= drops);
        assertEquals(List.of(), readers.get(1).losses());
        assertEquals(Map.of(), load.missing(readers.get(1)));
    }

    private int recoveries(int reader) {
        return readers.get(reader).recoveries();
    }

    @Test
    void pause_nothingIsLost() throws Exception {
        FaultLoad load = run(KEPT, running -> {
            for (int i = 0; i < 3; i++) {
                fixture.pause();
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                fixture.resume();
                running.awaitMore(40);
            }
        });
        assertNothingLost(load);
    }

    @Test
    void restartEmpty_isResetOnce() throws Exception {
        run(KEPT, load -> {
            load.awaitMore(100);
            fixture.restartEmpty();
        });
        assertOneLossEach(Gap.Reason.RESET);
    }

    @Test
    void restartEmptyTwice_isResetTwice() throws Exception {
        run(KEPT, load -> {
            fixture.restartEmpty();
            load.awaitMore(100);
            // A link that has not noticed the first restart would hear of one only.
            for (RecoveringNode reader : readers) {
                int partitions = log(nodes.get(0)).partitions();
                Await.until(() -> reader.losses().size() >= partitions, () -> "no reset: " + reader.losses());
            }
            load.awaitRecovered(readers);
            fixture.restartEmpty();
        });
        for (RecoveringNode reader : readers) {
            assertEquals(
                    2 * log(nodes.get(0)).partitions(),
                    reader.losses().size(),
                    reader.losses().toString());
        }
    }

    @Test
    void restartFromSnapshot_isForkOrAhead() throws Exception {
        run(KEPT, load -> {
            load.awaitMore(100);
            fixture.snapshot();
            load.awaitMore(200);
            fixture.restartFromSnapshot();
        });
        assertOneLossEach(Gap.Reason.FORK, Gap.Reason.AHEAD);
    }

    @Test
    void restartFromSnapshotWhileANodeIsAway_isForkWhenItComesBack() throws Exception {
        run(KEPT, load -> {
            fixture.snapshot();
            load.awaitMore(100);
            fixture.cutLink(nodes.get(0));
            fixture.restartFromSnapshot();
            load.awaitMore(300);
            fixture.healLink(nodes.get(0));
        });
        assertOneLossEach(Gap.Reason.FORK, Gap.Reason.AHEAD);
    }

    @Test
    void lostTail_isForkOrAhead() throws Exception {
        run(KEPT, load -> {
            load.awaitMore(100);
            fixture.loseTail(20);
        });
        assertOneLossEach(Gap.Reason.FORK, Gap.Reason.AHEAD);
    }

    @Test
    void vouch_forWhatTheLogHolds_changesNothing() {
        Broker node = node();
        Receipt first = publish(node, "a", "first");
        Receipt last = publish(node, "a", "last");
        Await.get(log(node).vouch(first.position(), 0));
        Await.get(log(node).vouch(last.position(), 0));
        LogSlice slice = readAfter(node, first);
        assertNull(slice.reason());
        assertEquals(last.position(), slice.end());
        assertEquals(0, slice.setbacks());
    }

    @Test
    void vouch_forWhatTheLogLost_isOneSetback() {
        Broker node = node();
        Receipt kept = publish(node, "a", "kept");
        Receipt lost = publish(node, "a", "lost");
        fixture.loseTail(1);
        awaitUp(0);
        for (int times = 0; times < 2; times++) {
            Await.get(log(node).vouch(lost.position(), 0));
        }
        LogSlice behindTheLoss = readAfter(node, kept);
        assertEquals(Gap.Reason.FORK, behindTheLoss.reason());
        assertEquals(List.of(), behindTheLoss.entries());
        assertEquals(1, behindTheLoss.setbacks());
        Receipt next = publish(node, "a", "next");
        LogSlice both = readAfter(node, kept);
        assertEquals(Gap.Reason.FORK, both.reason());
        assertEquals(1, both.entries().size());
        assertNull(readAfter(node, behindTheLoss.end()).reason(), "who stands at the setback has been told");
        Await.get(log(node).vouch(next.position(), 1));
        assertEquals(1, readAfter(node, kept).setbacks());
        assertTrue(recorders.get(0).setbacks() <= 1, "heard more than once");
    }

    @Test
    void setback_concernsWhoBeginsBeforeIt_alsoByTime() {
        Broker node = node();
        Receipt kept = publish(node, "a", "kept");
        Receipt lost = publish(node, "a", "lost");
        fixture.loseTail(1);
        awaitUp(0);
        Await.get(log(node).vouch(lost.position(), 0));
        int partition = kept.position().partition();
        Publication message = Objects.requireNonNull(
                read(node, partition, new Start.Last(1)).entries().get(0).publication());
        fixture.advance(Duration.ofMinutes(1));
        Start before = new Start.FromTime(message.time());
        assertEquals(Gap.Reason.FORK, read(node, partition, before).reason());
        Start since = new Start.FromTime(message.time() + 30_000);
        assertNull(read(node, partition, since).reason());
    }

    private LogSlice readAfter(Broker node, Receipt receipt) {
        return readAfter(node, receipt.position());
    }

    private LogSlice readAfter(Broker node, Position position) {
        return read(node, position.partition(), new Start.After(position));
    }

    private LogSlice read(Broker node, int partition, Start start) {
        List<ChannelPattern> interest = List.of(ChannelPattern.of("**"));
        return Await.get(log(node).read(new LogQuery(partition, start, List.of(), interest, 100, 100, ++marker)));
    }

    /** What it has heard fits the log that went on; only the others know. */
    @Test
    void lostTailThatANodeHadNotHeard_isToldByOneThatHad() throws Exception {
        run(KEPT, load -> {
            load.awaitMore(100);
            load.awaitRecovered(readers);
            fixture.cutLink(nodes.get(0));
            load.awaitMore(200);
            fixture.loseTail(20);
            load.awaitMore(50);
            fixture.healLink(nodes.get(0));
            load.awaitMore(50);
        });
        assertOneLossEach(Gap.Reason.FORK, Gap.Reason.AHEAD);
    }

    @Test
    void handOver_nothingIsLost() throws Exception {
        FaultLoad load = run(KEPT, running -> {
            for (int i = 0; i < 2; i++) {
                fixture.handOver();
                running.awaitMore(40);
                running.awaitRecovered(readers);
            }
        });
        assertNothingLost(load);
    }

    /** What the replica has not heard of is lost, and told to all, also where one node alone had heard it or was answered. */
    @Test
    void failOver_goesOnFromWhatTheReplicaHas() throws Exception {
        run(KEPT, load -> {
            load.awaitMore(100);
            fixture.failOver();
        });
    }

    @Test
    void severalFaults_areAnnouncedEach() throws Exception {
        run(KEPT, load -> {
            fixture.cutLink(nodes.get(1));
            load.awaitMore(50);
            fixture.healLink(nodes.get(1));
            fixture.snapshot();
            load.awaitMore(100);
            fixture.dropDelivery(nodes.get(0));
            fixture.restartFromSnapshot();
            load.awaitMore(100);
            fixture.pause();
            fixture.resume();
            load.awaitMore(50);
            fixture.restartEmpty();
            load.awaitMore(50);
            fixture.loseTail(5);
            load.awaitMore(50);
        });
    }

    @Test
    void publish_thatFails_isNeverHeard() {
        Broker node = node();
        subscribe(node, "a");
        for (Outcome outcome : List.of(Outcome.REJECTED, Outcome.OVERLOADED, Outcome.INVALID)) {
            fixture.failNext(outcome);
            PublishException failed =
                    assertInstanceOf(PublishException.class, Await.failure(node.publish(message("a", outcome), KEPT)));
            assertEquals(outcome, failed.outcome());
        }
        Receipt receipt = publish(node, "a", "good");
        awaitCount(recorders.get(0), 1);
        assertEquals(List.of(receipt.id()), recorders.get(0).ids());
    }

    @Test
    void publish_ofUnknownFate_isRepeatedByKeyWithoutHarm() {
        Broker node = node();
        Broker other = node();
        subscribe(node, "a");
        fixture.failNext(Outcome.UNKNOWN);
        PublishOptions keyed = KEPT.withKey("k");
        PublishException failed =
                assertInstanceOf(PublishException.class, Await.failure(node.publish(message("a", 1), keyed)));
        assertEquals(Outcome.UNKNOWN, failed.outcome());
        Receipt first = publish(node, "a", 1, keyed);
        Receipt second = publish(other, "a", 1, keyed);
        assertEquals(first.id(), second.id());
        assertTrue(second.duplicate());
        Receipt last = publish(node, "a", "last");
        awaitCount(recorders.get(0), 2);
        assertEquals(List.of(first.id(), last.id()), recorders.get(0).ids());
    }

    @Test
    void key_ofMessageThatWasLost_isLostWithIt() {
        Broker node = node();
        publish(node, "a", "kept");
        fixture.snapshot();
        Receipt lost = publish(node, "a", "lost", KEPT.withKey("k"));
        fixture.restartFromSnapshot();
        awaitUp(0);
        Receipt again = publish(node, "a", "lost", KEPT.withKey("k"));
        assertFalse(again.duplicate(), "the message is gone, but its key says that it is there");
        assertFalse(again.id().equals(lost.id()));
    }

    @Test
    void retained_thatWasLost_isNotRetained() {
        Broker node = node();
        PublishOptions kept = KEPT.withRetain(Duration.ofMinutes(30));
        Receipt first = publish(node, "a", "first", kept);
        fixture.snapshot();
        publish(node, "a", "second", kept);
        fixture.restartFromSnapshot();
        awaitUp(0);
        assertNothingElseIsRetained(node, first);
        publishWhenAccepted(node, "third", kept.withKey("third"));
        fixture.loseTail(1);
        awaitUp(0);
        assertNothingElseIsRetained(node, first);
    }

    /** A broker that has just come back may find out only now that its connection broke. */
    private static void publishWhenAccepted(Broker node, String data, PublishOptions options) {
        Await.until(
                () -> node.publish(message("a", data), options)
                        .handle((receipt, failure) -> failure == null)
                        .toCompletableFuture()
                        .join(),
                () -> data + " is not accepted");
    }

    private static void assertNothingElseIsRetained(Broker node, Receipt expected) {
        List<Optional<Retained>> answers = new ArrayList<>();
        Await.until(
                () -> node.retained(Channel.of("a"))
                        .handle((retained, failure) -> failure == null && answers.add(retained))
                        .toCompletableFuture()
                        .join(),
                () -> "nobody says what is retained");
        answers.get(0)
                .ifPresent(retained ->
                        assertEquals(expected.id(), retained.publication().id()));
    }

    private void awaitUp(int node) {
        for (int p = 0; p < partitions(nodes.get(node)); p++) {
            int partition = p;
            Await.until(() -> recorders.get(node).isUp(partition), () -> "the link does not come back");
        }
    }

    @Test
    void whileAway_nothingIsAccepted_andInterestWaits() {
        Broker node = node();
        MessageLog log = log(node);
        publish(node, "a", 0);
        fixture.pause();
        CompletableFuture<Void> interest =
                node.subscribe(ChannelPattern.of("a")).toCompletableFuture();
        PublishException failed =
                assertInstanceOf(PublishException.class, Await.failure(node.publish(message("a", 1), KEPT)));
        assertTrue(
                failed.outcome() == Outcome.REJECTED || (fixture.mayBeUnknown() && failed.outcome() == Outcome.UNKNOWN),
                "outcome " + failed.outcome());
        LogQuery query = new LogQuery(0, new Start.Now(), List.of(), List.of(ChannelPattern.of("a")), 10, 10, 7);
        assertInstanceOf(UnavailableException.class, Await.failure(log.read(query)));
        assertInstanceOf(UnavailableException.class, Await.failure(log.mark(0, 8)));
        HistoryQuery history = new HistoryQuery(10, null, false);
        assertInstanceOf(UnavailableException.class, Await.failure(log.history(Channel.of("a"), history)));
        assertFalse(interest.isDone(), "interest is confirmed by a broker that is away");
        fixture.resume();
        Await.get(interest);
        awaitUp(0);
        Receipt receipt = publish(node, "a", 2);
        Await.until(() -> recorders.get(0).ids().contains(receipt.id()), () -> "the interest does not count");
        assertEquals(1, recorders.get(0).downs(0));
    }

    @Test
    void revocationDuringACut_isReadAfterIt() {
        Broker node = node();
        Broker away = node();
        fixture.cutLink(away);
        long now = System.currentTimeMillis() / 1000;
        Revocation revocation = new Revocation("default", "t1", null, now, now + 1_000);
        Await.get(node.revoke(revocation));
        fixture.healLink(away);
        awaitUp(1);
        assertEquals(List.of(revocation), Await.get(away.revocations()));
    }

    @Test
    void reconnect_bringsTheLinkBack() {
        Broker node = node();
        subscribe(node, "a");
        log(node).reconnect(0);
        Await.until(
                () -> recorders.get(0).downs(0) >= 1 && recorders.get(0).isUp(0), () -> "the link does not come back");
        Receipt receipt = publish(node, "a", 1);
        Await.until(() -> recorders.get(0).ids().contains(receipt.id()), () -> "nothing comes after a reconnect");
    }
}
