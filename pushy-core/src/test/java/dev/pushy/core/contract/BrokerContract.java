package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.HistoryQuery;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Revocation;
import dev.pushy.core.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What a {@link Broker} promises while nothing fails: order, delivery, idempotency, control, and how it ends.
 *
 * @see MessageLogContract
 * @see BrokerFaultContract
 */
public abstract class BrokerContract extends BrokerCluster {

    @Test
    void publish_message_comesAsItWas() {
        Broker node = node();
        subscribe(node, "news");
        byte[] data = "{\"a\":[1,\"ä€\uD83D\uDE00\",null]}".getBytes(StandardCharsets.UTF_8);
        Publication sent = Publication.of(Channel.of("news"), "headline", data).except("1.2");
        Receipt receipt = Await.get(node.publish(sent, KEPT));
        assertFalse(receipt.duplicate());
        awaitCount(recorders.get(0), 1);
        Publication heard = recorders.get(0).heard().get(0).publication();
        assertEquals(Channel.of("news"), heard.channel());
        assertEquals("headline", heard.event());
        assertArrayEquals(data, heard.data());
        assertEquals("1.2", heard.excepted());
        assertEquals(receipt.id(), heard.id());
        assertEquals(receipt.position(), heard.position());
        assertTrue(heard.time() > 0, "time " + heard.time());
    }

    @Test
    void publish_byFourToThreeNodes_hasOneOrderEverywhere() throws Exception {
        for (int n = 0; n < 3; n++) {
            subscribe(node(), "room.**");
        }
        Map<String, Receipt> receipts = new ConcurrentHashMap<>();
        List<Callable<Void>> publishers = new ArrayList<>();
        for (int p = 0; p < 4; p++) {
            int publisher = p;
            publishers.add(() -> {
                for (int i = 0; i < 400; i++) {
                    String data = publisher + ":" + i;
                    receipts.put(data, publish(nodes.get(publisher % 3), "room." + i % 3, data));
                }
                return null;
            });
        }
        runAll(publishers);
        for (BrokerRecorder recorder : recorders) {
            awaitCount(recorder, 1_600);
            assertEquals(byPartition(recorders.get(0)), byPartition(recorder));
            Map<String, Integer> next = new HashMap<>();
            for (BrokerRecorder.Heard heard : recorder.heard()) {
                Publication publication = heard.publication();
                String data = data(publication);
                Receipt receipt = receipts.get(data);
                assertEquals(receipt.id(), publication.id());
                assertEquals(receipt.position(), publication.position());
                String[] parts = data.split(":", -1);
                String stream = parts[0] + publication.channel();
                int number = Integer.parseInt(parts[1]);
                assertTrue(number > next.getOrDefault(stream, -1), "a publisher's messages changed places");
                next.put(stream, number);
            }
        }
    }

    private static Map<Integer, List<String>> byPartition(BrokerRecorder recorder) {
        Map<Integer, List<String>> ids = new HashMap<>();
        for (BrokerRecorder.Heard heard : recorder.heard()) {
            ids.computeIfAbsent(heard.publication().position().partition(), p -> new ArrayList<>())
                    .add(heard.publication().id());
        }
        return ids;
    }

    @Test
    void positions_countFromOneAndNameTheOneBefore() {
        Broker node = node();
        log(node);
        subscribe(node, "**");
        Map<Integer, Long> offsets = new HashMap<>();
        Map<String, Position> before = new HashMap<>();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            String channel = "c" + i % 7;
            Receipt receipt = publish(node, channel, i);
            Position position = receipt.position();
            assertEquals(offsets.merge(position.partition(), 1L, Long::sum), position.offset());
            assertEquals(position.id(partitions(node)), receipt.id());
            assertTrue(ids.add(receipt.id()));
            awaitCount(recorders.get(0), i + 1);
            BrokerRecorder.Heard heard = recorders.get(0).heard().get(i);
            assertEquals(before.put(channel, position), heard.previous());
        }
    }

    @Test
    void publish_liveOnly_takesNoPlace() {
        Broker node = node();
        subscribe(node, "a");
        Receipt first = publish(node, "a", 1);
        Receipt live = publish(node, "a", 2, PublishOptions.LIVE_ONLY);
        Receipt second = publish(node, "a", 3);
        assertEquals(Position.NONE, live.position());
        assertNotEquals(
                live.id(), publish(node, "a", 4, PublishOptions.LIVE_ONLY).id());
        if (node.log().isPresent()) {
            assertEquals(first.position().offset() + 1, second.position().offset());
        }
        awaitCount(recorders.get(0), 4);
        assertEquals(live.id(), recorders.get(0).ids().get(1));
        assertEquals(second.id(), recorders.get(0).ids().get(2));
    }

    @Test
    void subscribe_severalThatMatch_deliverOnce() {
        Broker node = node();
        Broker other = node();
        subscribe(node, "news.sports", "news.*", "news.**", "*.sports", "**", "news.sports");
        for (int i = 0; i < 50; i++) {
            publish(other, "news.sports", i);
        }
        awaitCount(recorders.get(0), 50);
        assertEquals(50, new HashSet<>(recorders.get(0).ids()).size());
        Await.get(node.unsubscribe(ChannelPattern.of("**")));
        Await.get(node.unsubscribe(ChannelPattern.of("news.sports")));
        Receipt last = publish(other, "news.sports", "last");
        awaitCount(recorders.get(0), 51);
        assertEquals(last.id(), recorders.get(0).ids().get(50), "another interest still matches");
        assertEquals(0, recorders.get(1).count(), "a node without interest heard something");
    }

    @Test
    void subscribe_onlyWhatMatches_isHeard() {
        Broker node = node();
        subscribe(node, "a", "b.*", "c.**");
        Await.get(node.subscribe(ChannelPattern.of("shop", "a")));
        Set<String> expected = new HashSet<>();
        for (String channel : List.of("a", "b", "b.x", "b.x.y", "c", "c.x", "c.x.y", "d", "a.x")) {
            Receipt receipt = publish(node, channel, channel);
            if (List.of("a", "b.x", "c.x", "c.x.y").contains(channel)) {
                expected.add(receipt.id());
            }
        }
        for (String app : List.of("shop", "other")) {
            Receipt receipt = Await.get(node.publish(Publication.of(Channel.of(app, "a"), "1"), KEPT));
            if (app.equals("shop")) {
                expected.add(receipt.id());
            }
        }
        Await.until(
                () -> recorders.get(0).count() >= expected.size(),
                () -> "heard " + recorders.get(0).ids());
        assertEquals(expected, new HashSet<>(recorders.get(0).ids()));
    }

    @Test
    void interest_thatFlipsUnderLoad_countsOnceAcknowledged() throws Exception {
        Broker node = node();
        Broker other = node();
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger published = new AtomicInteger();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            int thread = t;
            tasks.add(() -> {
                for (int i = 0; !done.get(); i++) {
                    publish(other, i % 2 == 0 ? "flip.1" : "steady", "load" + thread + "-" + i);
                    published.incrementAndGet();
                    LockSupport.parkNanos(100_000); // full speed is for the race of reads; here a link must keep up
                }
                return null;
            });
        }
        tasks.add(() -> {
            try {
                BrokerRecorder recorder = recorders.get(0);
                subscribe(node, "steady");
                // As many rounds as it takes for the publishers to have been at it, too.
                for (int round = 0; round < 200 || published.get() <= 200; round++) {
                    String pattern = round % 3 == 0 ? "flip.*" : round % 3 == 1 ? "flip.1" : "flip.**";
                    int from = recorder.count();
                    subscribe(node, pattern);
                    Receipt receipt = publish(round % 2 == 0 ? node : other, "flip.1", "round " + round);
                    int number = round;
                    Await.until(
                            () -> recorder.downs() > 0
                                    || recorder.heardFrom(from).stream()
                                            .anyMatch(heard ->
                                                    heard.publication().id().equals(receipt.id())),
                            () -> "the message of round " + number + " did not come");
                    Await.get(node.unsubscribe(ChannelPattern.of(pattern)));
                }
            } finally {
                done.set(true);
            }
            return null;
        });
        runAll(tasks);
        assertEquals(0, recorders.get(0).downs(), "the link broke, so that the test proves nothing");
        List<String> ids = recorders.get(0).ids();
        assertEquals(ids.size(), new HashSet<>(ids).size(), "a message came twice");
    }

    @Test
    void key_repeated_isNotPublishedAgain() {
        Broker node = node();
        Broker other = node();
        subscribe(node, "**");
        PublishOptions keyed = KEPT.withKey("k");
        Receipt first = publish(node, "a", 1, keyed);
        Receipt again = publish(other, "a", 2, keyed);
        assertFalse(first.duplicate());
        assertTrue(again.duplicate());
        assertEquals(first.id(), again.id());
        assertEquals(first.position(), again.position());
        assertFalse(publish(node, "b", 3, keyed).duplicate(), "the key of another channel");
        Receipt foreign = Await.get(node.publish(Publication.of(Channel.of("shop", "a"), "4"), keyed));
        assertFalse(foreign.duplicate(), "the key of another app");
        assertFalse(publish(node, "a", 5, KEPT.withKey("K")).duplicate(), "another key");
        assertFalse(publish(node, "a", 6).duplicate());
        PublishOptions live = PublishOptions.LIVE_ONLY.withKey("live");
        Receipt one = publish(node, "a", 7, live);
        Receipt two = publish(other, "a", 8, live);
        assertTrue(two.duplicate());
        assertEquals(one.id(), two.id());
        Receipt last = publish(node, "a", "last");
        Await.until(() -> recorders.get(0).ids().contains(last.id()), () -> "the last did not come");
        List<String> data = recorders.get(0).heard().stream()
                .filter(heard -> heard.publication().channel().equals(Channel.of("a")))
                .map(heard -> data(heard.publication()))
                .toList();
        assertEquals(List.of("1", "5", "6", "7", "last"), data);
    }

    @Test
    void key_fromTwoNodesAtOnce_isPublishedOnce() throws Exception {
        node();
        node();
        subscribe(nodes.get(0), "a");
        int rounds = 200;
        CyclicBarrier together = new CyclicBarrier(2);
        List<List<Receipt>> receipts = List.of(new ArrayList<>(), new ArrayList<>());
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int n = 0; n < 2; n++) {
            int number = n;
            tasks.add(() -> {
                for (int round = 0; round < rounds; round++) {
                    together.await();
                    receipts.get(number).add(publish(nodes.get(number), "a", number, KEPT.withKey("k" + round)));
                }
                return null;
            });
        }
        runAll(tasks);
        for (int round = 0; round < rounds; round++) {
            Receipt one = receipts.get(0).get(round);
            Receipt two = receipts.get(1).get(round);
            assertEquals(one.id(), two.id());
            assertTrue(one.duplicate() ^ two.duplicate(), "round " + round + ": " + one + ", " + two);
        }
        awaitCount(recorders.get(0), rounds);
    }

    @Test
    void key_afterItsLife_isForgotten() {
        Broker node = node();
        PublishOptions keyed = KEPT.withKey("k");
        Receipt first = publish(node, "a", 1, keyed);
        fixture.advance(PublishOptions.KEY_LIFE.minusSeconds(5));
        assertTrue(publish(node, "a", 2, keyed).duplicate(), "a repetition does not prolong its life");
        fixture.advance(Duration.ofSeconds(10));
        Receipt later = publish(node, "a", 3, keyed);
        assertFalse(later.duplicate());
        assertNotEquals(first.id(), later.id());
    }

    @Test
    void control_reachesEveryNodeOnce() {
        Broker sender = node();
        node();
        node();
        List<ControlMessage> sent = List.of(
                new ControlMessage.Disconnect("default", "1.2", null),
                new ControlMessage.Disconnect("shop", null, "ann"),
                new ControlMessage.ChangeStream(
                        "default", "1.2", "ann", List.of("a", "b.*"), List.of("c"), "a token", 7));
        sent.forEach(message -> Await.get(sender.control(message)));
        for (BrokerRecorder recorder : recorders) {
            Await.until(() -> recorder.controls().size() >= sent.size(), () -> "heard " + recorder.controls());
            assertEquals(sent, recorder.controls());
        }
    }

    @Test
    void revocations_reachEveryNodeAndAreKept() {
        Broker sender = node();
        node();
        long now = System.currentTimeMillis() / 1000;
        Revocation token = new Revocation("default", "t1", null, now, now + 1_000_000);
        Revocation subject = new Revocation("shop", null, "ann", now, now + 1_000_000);
        Await.get(sender.revoke(token));
        Await.get(sender.revoke(subject));
        Await.get(sender.revoke(subject));
        for (BrokerRecorder recorder : recorders) {
            Await.until(
                    () -> new HashSet<>(recorder.revocations()).equals(Set.of(token, subject)),
                    () -> "heard " + recorder.revocations());
        }
        Broker later = node();
        List<Revocation> kept = Await.get(later.revocations());
        assertEquals(Set.of(token, subject), new HashSet<>(kept));
        assertEquals(2, kept.size(), "the same revocation is kept twice");
    }

    @Test
    void revocations_withoutMeaning_areNotKept() {
        Broker node = node();
        long now = System.currentTimeMillis() / 1000;
        Revocation soon = new Revocation("default", "t1", null, now, now + 60);
        Revocation late = new Revocation("default", "t2", null, now, now + 1_000_000);
        Await.get(node.revoke(soon));
        Await.get(node.revoke(late));
        fixture.advance(Duration.ofSeconds(70));
        assertEquals(List.of(late), Await.get(node.revocations()));
    }

    @Test
    void listenerThatThrows_harmsNobodyAndHearsOn() {
        AtomicInteger calls = new AtomicInteger();
        Broker faulty = fixture.createNode();
        nodes.add(faulty);
        BrokerRecorder up = new BrokerRecorder();
        faulty.start(new ForwardingListener(up) {
            @Override
            public void onPublication(Publication publication, @Nullable Position previous) {
                calls.incrementAndGet();
                throw new IllegalStateException("as the test wants it");
            }
        });
        Broker good = node();
        subscribe(faulty, "a");
        subscribe(good, "a");
        for (int i = 0; i < 20; i++) {
            publish(i % 2 == 0 ? good : faulty, "a", i);
        }
        awaitCount(recorders.get(0), 20);
        Await.until(() -> calls.get() >= 20, () -> "the faulty listener heard " + calls + " of 20");
    }

    @Test
    void listenerThatSleeps_holdsUpNobodyElse() {
        CountDownLatch asleep = new CountDownLatch(1);
        CountDownLatch wake = new CountDownLatch(1);
        Broker sleepy = fixture.createNode();
        nodes.add(sleepy);
        BrokerRecorder later = new BrokerRecorder();
        sleepy.start(new ForwardingListener(later) {
            @Override
            public void onPublication(Publication publication, @Nullable Position previous) {
                asleep.countDown();
                await(wake);
                super.onPublication(publication, previous);
            }
        });
        try {
            Broker good = node();
            subscribe(sleepy, "a");
            subscribe(good, "a");
            publish(good, "a", "first");
            await(asleep);
            for (int i = 0; i < 100; i++) {
                publish(good, "a", i);
            }
            awaitCount(recorders.get(0), 101);
        } finally {
            wake.countDown();
        }
        awaitCount(later, 101);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(Await.PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void start_twice_isRefused() {
        Broker node = node();
        assertThrows(IllegalStateException.class, () -> node.start(new BrokerRecorder()));
    }

    @Test
    void close_endsTheNodeAndNoOther() {
        Broker closing = node();
        Broker lasting = node();
        subscribe(closing, "a");
        subscribe(lasting, "a");
        publish(closing, "a", 1);
        awaitCount(recorders.get(0), 1);
        closing.close();
        closing.close();
        publish(lasting, "a", 2);
        awaitCount(recorders.get(1), 2);
        assertEquals(1, recorders.get(0).count(), "a closed node heard something");
        PublishException refused =
                assertInstanceOf(PublishException.class, Await.failure(closing.publish(message("a", 3), KEPT)));
        assertEquals(PublishException.Outcome.REJECTED, refused.outcome());
        List<CompletionStage<?>> others = new ArrayList<>(List.of(
                closing.subscribe(ChannelPattern.of("b")),
                closing.control(new ControlMessage.Disconnect("default", "1.2", null)),
                closing.revoke(new Revocation("default", "t", null, 1, Long.MAX_VALUE)),
                closing.revocations()));
        closing.log().ifPresent(log -> {
            others.add(log.history(Channel.of("a"), new HistoryQuery(1, null, false)));
            others.add(log.mark(0, 1));
        });
        for (CompletionStage<?> other : others) {
            assertInstanceOf(UnavailableException.class, Await.failure(other), "call " + others.indexOf(other));
        }
        assertEquals(2, recorders.get(1).count(), "what a closed node published arrived");
    }

    @Test
    void retained_isTheLastOfThoseThatAsked() {
        Broker first = node();
        Broker second = node();
        Channel channel = Channel.of("kept");
        assertEquals(Optional.empty(), Await.get(first.retained(channel)));
        PublishOptions kept = KEPT.withRetain(Duration.ofMinutes(30));
        publish(first, "kept", "a", kept);
        Receipt live = publish(second, "kept", "b", PublishOptions.LIVE_ONLY.withRetain(Duration.ofMinutes(30)));
        publish(first, "kept", "c");
        for (Broker node : nodes) {
            Publication last = Await.get(node.retained(channel)).orElseThrow().publication();
            assertEquals("b", data(last));
            assertEquals(live.id(), last.id());
        }
        Receipt logged = publish(second, "kept", "d", kept);
        Publication last = Await.get(first.retained(channel)).orElseThrow().publication();
        assertEquals(logged.position(), last.position());
    }

    @Test
    void retained_expires() {
        Broker node = node();
        publish(node, "kept", "a", PublishOptions.LIVE_ONLY.withRetain(Duration.ofSeconds(60)));
        fixture.advance(Duration.ofSeconds(30));
        assertTrue(Await.get(node.retained(Channel.of("kept"))).isPresent());
        fixture.advance(Duration.ofSeconds(40));
        assertEquals(Optional.empty(), Await.get(node.retained(Channel.of("kept"))));
    }

    @Test
    void publish_textSenderAndExcept_reachEveryNode() {
        Broker first = node();
        Broker second = node();
        subscribe(second, "told");
        Publication told = Publication.of(
                        Channel.of("told"), "client-x", "\"no json\"".getBytes(StandardCharsets.UTF_8))
                .asText()
                .from("ann")
                .except("1.2");
        Await.get(first.publish(told, KEPT));
        BrokerRecorder heard = recorders.get(1);
        awaitCount(heard, 1);
        Publication came = heard.heard().get(0).publication();
        assertTrue(came.isText());
        assertEquals("ann", came.sender());
        assertEquals("1.2", came.excepted());
        assertEquals("client-x", came.event());
    }

    @Test
    void subscribe_onANodeThatHasJustBegun_hearsAllBehindItsStage() {
        Broker publisher = node();
        for (int round = 0; round < 30; round++) {
            Broker fresh = fixture.createNode();
            BrokerRecorder recorder = new BrokerRecorder();
            nodes.add(fresh);
            recorders.add(recorder);
            fresh.start(recorder);
            subscribe(fresh, "early");
            String id = publish(publisher, "early", round).id();
            Await.until(() -> recorder.ids().contains(id), () -> "a message behind the acknowledgement is missing");
            fresh.close();
        }
    }
}
