package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.PresenceStore;
import dev.pushy.core.PresenceStore.Transition.Kind;
import dev.pushy.core.UnavailableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a {@link PresenceStore} promises. */
public abstract class PresenceStoreContract {
    private static final Channel ROOM = Channel.of("room.1");
    private static final Channel OTHER = Channel.of("room.2");

    private final Threads threads = new Threads();
    private final List<PresenceStore> stores = new ArrayList<>();
    private final List<PresenceRecorder> recorders = new ArrayList<>();
    private PresenceFixture fixture;

    /** A cluster without nodes, for one test. */
    protected abstract PresenceFixture createFixture() throws Exception;

    @BeforeEach
    void createCluster() throws Exception {
        fixture = createFixture();
    }

    @AfterEach
    void closeCluster() {
        stores.forEach(PresenceStore::close);
        fixture.close();
        threads.awaitNoneLeft();
    }

    private PresenceStore node() {
        PresenceStore store = fixture.createNode();
        PresenceRecorder recorder = new PresenceRecorder();
        stores.add(store);
        recorders.add(recorder);
        store.start(recorder);
        return store;
    }

    private static void tell(PresenceStore store, Channel channel, String subject, int connections) {
        Await.get(store.update(channel, new Member(subject, "{\"n\":\"" + subject + "\"}", connections)));
    }

    private void awaitHeard(Channel channel, String... words) {
        for (PresenceRecorder recorder : recorders) {
            Await.until(
                    () -> recorder.heard(channel).size() >= words.length,
                    () -> "expected " + List.of(words) + ", heard " + recorder.heard(channel));
            assertEquals(List.of(words), recorder.heard(channel));
        }
    }

    private List<PresenceStore.Transition> transitions() {
        List<PresenceStore.Transition> all = new ArrayList<>();
        recorders.forEach(recorder -> all.addAll(recorder.transitions()));
        return all;
    }

    private List<String> transitions(Channel channel) {
        Map<String, PresenceStore.Transition> byId = new TreeMap<>();
        transitions().forEach(transition -> byId.put(transition.id(), transition));
        return byId.values().stream()
                .filter(transition -> transition.channel().equals(channel))
                .map(transition -> transition.kind() + ":" + transition.subject())
                .sorted()
                .toList();
    }

    private void awaitTransitions(Channel channel, String... expected) {
        List<String> sorted = List.of(expected).stream().sorted().toList();
        Await.until(
                () -> transitions(channel).size() >= sorted.size(),
                () -> "expected " + sorted + ", told " + transitions(channel));
        assertEquals(sorted, transitions(channel));
    }

    @Test
    void update_firstAndLastConnection_areJoinAndLeave() {
        PresenceStore store = node();
        tell(store, ROOM, "ann", 1);
        tell(store, ROOM, "ann", 2);
        tell(store, ROOM, "ann", 1);
        tell(store, ROOM, "bob", 1);
        tell(store, ROOM, "ann", 0);
        awaitHeard(ROOM, "+ann", "+bob", "-ann");
        awaitTransitions(ROOM, "JOINED:ann", "JOINED:bob", "LEFT:ann");
    }

    @Test
    void update_toldAgain_changesNothing() {
        PresenceStore store = node();
        tell(store, ROOM, "ann", 0);
        tell(store, ROOM, "ann", 1);
        tell(store, ROOM, "ann", 1);
        tell(store, ROOM, "ann", 0);
        tell(store, ROOM, "ann", 0);
        Await.get(store.update(ROOM, 0));
        Await.get(store.update(ROOM, 2));
        Await.get(store.update(ROOM, 2));
        Await.get(store.update(ROOM, 0));
        Await.get(store.update(ROOM, 0));
        awaitHeard(ROOM, "+ann", "-ann");
        awaitTransitions(ROOM, "JOINED:ann", "LEFT:ann", "OCCUPIED:", "VACATED:");
    }

    @Test
    void update_memberOnTwoNodes_isOneMember() {
        PresenceStore first = node();
        PresenceStore second = node();
        tell(first, ROOM, "ann", 2);
        tell(second, ROOM, "ann", 3);
        for (PresenceStore each : stores) {
            List<Member> members = Await.get(each.members(ROOM));
            assertEquals(1, members.size());
            assertEquals(5, members.get(0).connections());
            assertEquals(1, Await.get(each.memberCount(ROOM)));
        }
        tell(first, ROOM, "ann", 0);
        assertEquals(3, Await.get(first.members(ROOM)).get(0).connections());
        tell(second, ROOM, "ann", 0);
        assertEquals(List.of(), Await.get(first.members(ROOM)));
        awaitHeard(ROOM, "+ann", "-ann");
        awaitTransitions(ROOM, "JOINED:ann", "LEFT:ann");
    }

    @Test
    void events_sayWhoAndAreNotSettled() {
        PresenceStore store = node();
        tell(store, ROOM, "ann", 1);
        tell(store, ROOM, "ann", 0);
        awaitHeard(ROOM, "+ann", "-ann");
        for (ChannelEvent event : recorders.get(0).events()) {
            assertEquals(ROOM, event.channel());
            Member member = event instanceof Join join ? join.member() : ((Leave) event).member();
            boolean settled = event instanceof Join join ? join.settled() : ((Leave) event).settled();
            assertEquals("{\"n\":\"ann\"}", member.meta());
            assertFalse(settled);
        }
        for (PresenceStore.Transition transition : transitions()) {
            assertFalse(transition.id().isEmpty());
            assertTrue(transition.time() > 1_600_000_000_000L, "time " + transition.time());
        }
    }

    @Test
    void channels_areApart_alsoThoseOfTheSameNameInTwoApps() {
        PresenceStore store = node();
        Channel foreign = Channel.of("shop", ROOM.name());
        tell(store, ROOM, "ann", 1);
        tell(store, foreign, "bob", 1);
        Await.get(store.update(foreign, 7));
        assertEquals("ann", Await.get(store.members(ROOM)).get(0).subject());
        assertEquals("bob", Await.get(store.members(foreign)).get(0).subject());
        assertEquals(0, Await.get(store.memberCount(OTHER)));
        assertEquals(Map.of(), Await.get(store.occupied("default", "")));
        assertEquals(Map.of(ROOM.name(), 7), Await.get(store.occupied("shop", "")));
    }

    @Test
    void subscribers_ofAllNodes_areAddedUp() {
        PresenceStore first = node();
        PresenceStore second = node();
        Await.get(first.update(ROOM, 2));
        Await.get(second.update(ROOM, 3));
        Await.get(second.update(OTHER, 1));
        Await.get(second.update(Channel.of("news"), 1));
        for (PresenceStore each : stores) {
            assertEquals(5, Await.get(each.subscriberCount(ROOM)));
            assertEquals(0, Await.get(each.subscriberCount(Channel.of("nobody"))));
            assertEquals(Map.of("room.1", 5, "room.2", 1), Await.get(each.occupied("default", "room.")));
            assertEquals(3, Await.get(each.occupied("default", "")).size());
            assertEquals(Map.of(), Await.get(each.occupied("default", "room.3")));
            assertEquals(Map.of(), Await.get(each.occupied("default", "no/name")));
        }
        Await.get(first.update(ROOM, 0));
        Await.get(second.update(ROOM, 0));
        assertEquals(Map.of("room.2", 1), Await.get(first.occupied("default", "room.")));
        awaitTransitions(ROOM, "OCCUPIED:", "VACATED:");
        assertEquals(0, Await.get(first.memberCount(OTHER)), "subscribers are no members");
    }

    @Test
    void transitions_areToldOnOneNodeOnly() {
        node();
        node();
        PresenceStore third = node();
        for (int i = 0; i < 50; i++) {
            tell(third, ROOM, "user-" + i, 1);
        }
        Await.until(() -> transitions().size() >= 50, () -> transitions().toString());
        tell(third, OTHER, "last", 1);
        Await.until(() -> transitions().size() >= 51, () -> transitions().toString());
        Set<String> ids = new HashSet<>();
        transitions().forEach(transition -> assertTrue(ids.add(transition.id()), "told twice: " + transition));
        assertEquals(51, ids.size());
    }

    /** 4 nodes at once, each telling of its own connections, 30 % of it again. */
    @Test
    void update_manyAtOnce_transitionsAlternateAndNothingIsLost() throws Exception {
        List<Map<String, Integer>> told = new ArrayList<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int n = 0; n < 4; n++) {
            PresenceStore store = node();
            Map<String, Integer> mine = new HashMap<>();
            told.add(mine);
            Random random = new Random(n);
            tasks.add(() -> {
                Channel channel = ROOM;
                String subject = "user-0";
                int connections = 1;
                for (int i = 0; i < 4_000; i++) {
                    if (random.nextInt(10) >= 3) {
                        channel = Channel.of("room." + random.nextInt(5));
                        subject = "user-" + random.nextInt(20);
                        connections = random.nextInt(3);
                    }
                    Await.get(store.update(channel, new Member(subject, "null", connections)));
                    mine.put(channel + "/" + subject, connections);
                }
                return null;
            });
        }
        runAll(tasks);

        Set<String> present = new TreeSet<>();
        told.forEach(each -> each.forEach((key, connections) -> {
            if (connections > 0) {
                present.add(key);
            }
        }));
        PresenceRecorder first = recorders.get(0);
        for (PresenceRecorder recorder : recorders) {
            Await.until(
                    () -> presentBy(recorder.histories()).equals(present),
                    () -> "heard " + presentBy(recorder.histories()) + ", present are " + present);
            Await.until(
                    () -> recorder.histories().equals(first.histories()), () -> "the nodes heard different histories");
        }
        first.histories().forEach((key, history) -> assertTrue(history.matches("(\\+-)*\\+?"), key + " " + history));
        long events = first.events().size();
        Await.until(() -> transitions().size() >= events, () -> transitions().size() + " transitions of " + events);
        assertEquals(
                events,
                transitions().stream()
                        .map(PresenceStore.Transition::id)
                        .distinct()
                        .count());
        for (int room = 0; room < 5; room++) {
            Channel channel = Channel.of("room." + room);
            Set<String> members = Await.get(stores.get(1).members(channel)).stream()
                    .map(member -> channel + "/" + member.subject())
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> expected = present.stream()
                    .filter(key -> key.startsWith(channel + "/"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(expected, members);
        }
    }

    private static Set<String> presentBy(Map<String, String> histories) {
        Set<String> present = new TreeSet<>();
        histories.forEach((key, history) -> {
            if (history.endsWith("+")) {
                present.add(key);
            }
        });
        return present;
    }

    private static void runAll(List<Callable<Void>> tasks) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(tasks.size());
        try {
            for (Future<Void> done : pool.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void nodeThatDies_itsMembersLeave_butNotThoseWhoAreElsewhere() {
        PresenceStore lasting = node();
        PresenceStore dying = fixture.createNode();
        dying.start(new PresenceRecorder());
        stores.add(dying);
        for (int i = 0; i < 40; i++) {
            tell(dying, ROOM, "user-" + i, 1);
        }
        for (int i = 0; i < 10; i++) {
            tell(lasting, ROOM, "user-" + i, 1);
        }
        Await.get(dying.update(ROOM, 40));
        fixture.endLease(dying);
        Await.until(
                () -> Await.get(lasting.memberCount(ROOM)) == 10,
                () -> Await.get(lasting.memberCount(ROOM)) + " members are left of 10");
        PresenceRecorder heard = recorders.get(0);
        Await.until(
                () -> heard.heard(ROOM).size() >= 70, () -> heard.heard(ROOM).toString());
        List<String> leaves =
                heard.heard(ROOM).stream().filter(word -> word.startsWith("-")).toList();
        assertEquals(30, leaves.size());
        assertEquals(30, new HashSet<>(leaves).size());
        Await.until(
                () -> heard.transitions().stream().anyMatch(each -> each.kind() == Kind.VACATED),
                () -> "nobody heard that the channel is vacant");
        assertEquals(
                30,
                heard.transitions().stream()
                        .filter(each -> each.kind() == Kind.LEFT)
                        .count());
        fixture.endLease(dying);
        assertEquals(70, heard.heard(ROOM).size(), "a second end of the same lease changed something");
    }

    @Test
    void nodeThatWasTakenForDead_tellsAllAgain() {
        PresenceStore lasting = node();
        PresenceStore zombie = node();
        tell(zombie, ROOM, "ann", 2);
        tell(zombie, ROOM, "bob", 1);
        tell(lasting, ROOM, "bob", 1);
        Await.get(zombie.update(ROOM, 3));
        fixture.endLease(zombie);
        Await.until(() -> Await.get(lasting.memberCount(ROOM)) == 1, () -> "ann is still there");
        assertEquals(0, Await.get(lasting.subscriberCount(ROOM)));

        fixture.renewLease(zombie);
        Await.until(() -> Await.get(lasting.memberCount(ROOM)) == 2, () -> "ann is not back");
        Await.until(() -> Await.get(lasting.subscriberCount(ROOM)) == 3, () -> "the subscribers are not back");
        PresenceRecorder heard = recorders.get(0);
        Await.until(
                () -> heard.histories().getOrDefault("room.1/ann", "").equals("+-+"),
                () -> heard.histories().toString());
        assertEquals("+", heard.histories().get("room.1/bob"), "bob was on another node all the time");

        fixture.endLease(zombie);
        Await.until(() -> Await.get(lasting.memberCount(ROOM)) == 1, () -> "ann is still there");
        tell(zombie, ROOM, "ann", 0);
        fixture.renewLease(zombie);
        Await.until(() -> Await.get(lasting.subscriberCount(ROOM)) == 3, () -> "the subscribers are not back");
        assertEquals(1, Await.get(lasting.memberCount(ROOM)), "ann left while her node was taken for dead");
    }

    @Test
    void close_takesBackWhatTheNodeTold() {
        PresenceStore lasting = node();
        PresenceStore closing = node();
        tell(closing, ROOM, "ann", 1);
        tell(closing, ROOM, "bob", 1);
        tell(lasting, ROOM, "bob", 1);
        Await.get(closing.update(ROOM, 2));
        closing.close();
        closing.close();
        assertEquals(1, recorders.get(1).closings(), "how often the listener heard that its store ends");
        Await.until(() -> Await.get(lasting.memberCount(ROOM)) == 1, () -> "ann is still there");
        Await.until(() -> Await.get(lasting.subscriberCount(ROOM)) == 0, () -> "there are still subscribers");
        PresenceRecorder heard = recorders.get(0);
        Await.until(
                () -> heard.heard(ROOM).contains("-ann"),
                () -> heard.heard(ROOM).toString());
        assertEquals("+", heard.histories().get("room.1/bob"));
        assertInstanceOf(UnavailableException.class, Await.failure(closing.update(ROOM, new Member("ann", "null", 1))));
        assertInstanceOf(UnavailableException.class, Await.failure(closing.update(ROOM, 1)));
        assertInstanceOf(UnavailableException.class, Await.failure(closing.members(ROOM)));
        assertInstanceOf(UnavailableException.class, Await.failure(closing.occupied("default", "")));
        tell(lasting, ROOM, "eve", 1);
    }

    @Test
    void members_withMarker_isCutOffFromWhatFollows() {
        PresenceStore reader = node();
        PresenceStore writer = node();
        PresenceRecorder heard = recorders.get(0);
        tell(writer, ROOM, "ann", 1);
        tell(reader, ROOM, "bob", 1);
        List<String> before = subjects(Await.get(reader.members(ROOM, 7)));
        tell(writer, ROOM, "ann", 0);
        tell(writer, ROOM, "cid", 1);
        List<String> after = subjects(Await.get(reader.members(ROOM, 8)));
        assertEquals(List.of("ann", "bob"), before);
        assertEquals(List.of("bob", "cid"), after);
        Await.until(() -> heard.heardAt(8) != null, () -> "the marker did not come");
        assertEquals(List.of("+ann", "+bob"), heard.heardAt(7));
        assertEquals(List.of("+ann", "+bob", "-ann", "+cid"), heard.heardAt(8));
        assertNull(recorders.get(1).heardAt(7));
    }

    /** What a read found is what was heard before its marker, however many others tell at the time. */
    @Test
    void members_withMarkerWhileOthersTell_isWhatWasHeardBeforeIt() throws Exception {
        PresenceStore reader = node();
        PresenceRecorder heard = recorders.get(0);
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int n = 0; n < 3; n++) {
            PresenceStore store = node();
            Random random = new Random(n);
            tasks.add(() -> {
                for (int i = 0; i < 500; i++) {
                    tell(store, ROOM, "user-" + random.nextInt(8), random.nextInt(2));
                }
                return null;
            });
        }
        Map<Long, Set<String>> found = new TreeMap<>();
        tasks.add(() -> {
            for (long marker = 1; marker <= 200; marker++) {
                found.put(marker, new TreeSet<>(subjects(Await.get(reader.members(ROOM, marker)))));
            }
            return null;
        });
        runAll(tasks);
        found.forEach((marker, members) -> {
            Await.until(() -> heard.heardAt(marker) != null, () -> "marker " + marker + " did not come");
            Set<String> present = new TreeSet<>();
            for (String word : heard.heardAt(marker)) {
                if (word.startsWith("+")) {
                    present.add(word.substring(1));
                } else {
                    present.remove(word.substring(1));
                }
            }
            assertEquals(present, members, "marker " + marker);
        });
    }

    @Test
    void reservedChannel_hasMembersAsOthersDo() {
        PresenceStore first = node();
        PresenceStore second = node();
        Channel online = Channel.reserved("default", "online", "ann?>\u00e9 bob");
        tell(first, online, "ann", 1);
        tell(second, online, "ann", 1);
        assertEquals(List.of("ann"), subjects(Await.get(second.members(online, 3))));
        tell(first, online, "ann", 0);
        tell(second, online, "ann", 0);
        awaitHeard(online, "+ann", "-ann");
        assertEquals(List.of(), subjects(Await.get(first.members(online))));
    }

    @Test
    void members_sayWhatTheFirstConnectionSaid() {
        PresenceStore first = node();
        PresenceStore second = node();
        Await.get(first.update(ROOM, new Member("ann", "1", 1)));
        Await.get(second.update(ROOM, new Member("ann", "2", 1)));
        Await.get(first.update(ROOM, new Member("ann", "1", 2)));
        assertEquals("1", Await.get(second.members(ROOM)).get(0).meta());
    }

    @Test
    void update_channelIsFull_fitsOnlyWhoIsThere() {
        PresenceStore first = node();
        PresenceStore second = node();
        assertTrue(Await.get(first.update(ROOM, new Member("ann", "null", 1), 2)));
        assertTrue(Await.get(second.update(ROOM, new Member("bob", "null", 1), 2)));
        assertFalse(Await.get(first.update(ROOM, new Member("cid", "null", 1), 2)));
        assertTrue(Await.get(first.update(ROOM, new Member("bob", "null", 1), 2)));
        assertTrue(Await.get(second.update(ROOM, new Member("bob", "null", 0), 2)));
        assertFalse(Await.get(second.update(ROOM, new Member("cid", "null", 1), 2)));
        assertTrue(Await.get(first.update(ROOM, new Member("bob", "null", 0), 2)));
        assertTrue(Await.get(second.update(ROOM, new Member("cid", "null", 1), 2)));
        awaitHeard(ROOM, "+ann", "+bob", "-bob", "+cid");
    }

    /** What the stages of transitions do must not hold up the store, whether it keeps transitions or not. */
    @Test
    void transitionsThatNobodyDealsWith_areToldInOrderNevertheless_andOnce() {
        PresenceStore store = fixture.createNode();
        stores.add(store);
        PresenceRecorder recorder = new PresenceRecorder();
        recorders.add(recorder);
        List<CompletableFuture<Void>> stages = Collections.synchronizedList(new ArrayList<>());
        store.start(new PresenceStore.Listener() {
            @Override
            public void onPresence(ChannelEvent event) {
                recorder.onPresence(event);
            }

            @Override
            public void onMarker(Channel channel, long marker) {
                recorder.onMarker(channel, marker);
            }

            @Override
            public CompletionStage<Void> onTransition(PresenceStore.Transition transition) {
                recorder.onTransition(transition);
                CompletableFuture<Void> stage = new CompletableFuture<>();
                stages.add(stage);
                return stage;
            }

            @Override
            public void onClosing() {
                stages.forEach(stage -> stage.completeExceptionally(new IllegalStateException("the node ends")));
            }
        });
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            tell(store, ROOM, "user-" + i, 1);
            expected.add("user-" + i);
        }
        Await.until(() -> transitions().size() >= 150, () -> transitions().size() + " transitions of 150");
        stages.get(0).completeExceptionally(new IllegalStateException("as the test wants it"));
        stages.subList(1, 140).forEach(stage -> stage.complete(null));
        tell(store, ROOM, "last", 1);
        expected.add("last");
        Await.until(() -> transitions().size() >= 151, () -> transitions().size() + " transitions of 151");
        assertEquals(
                expected,
                transitions().stream().map(PresenceStore.Transition::subject).toList());
    }

    private static List<String> subjects(List<Member> members) {
        return members.stream().map(Member::subject).toList();
    }

    @Test
    void update_negativeCounts_areRefused() {
        PresenceStore store = node();
        assertThrows(IllegalArgumentException.class, () -> store.update(ROOM, -1));
        assertThrows(IllegalArgumentException.class, () -> store.update(ROOM, new Member("ann", "null", -1)));
    }

    @Test
    void listenerThatThrows_harmsNobodyElse() {
        PresenceStore faulty = fixture.createNode();
        stores.add(faulty);
        faulty.start(new PresenceStore.Listener() {
            @Override
            public void onPresence(ChannelEvent event) {
                throw new IllegalStateException("as the test wants it");
            }

            @Override
            public void onMarker(Channel channel, long marker) {
                throw new IllegalStateException("as the test wants it");
            }

            @Override
            public CompletionStage<Void> onTransition(PresenceStore.Transition transition) {
                throw new IllegalStateException("as the test wants it");
            }
        });
        PresenceStore good = node();
        tell(good, ROOM, "ann", 1);
        tell(faulty, ROOM, "bob", 1);
        tell(good, ROOM, "ann", 0);
        awaitHeard(ROOM, "+ann", "+bob", "-ann");
    }

    @Test
    void listenerThatUpdates_isHeardInOrder() {
        PresenceStore store = fixture.createNode();
        stores.add(store);
        PresenceRecorder recorder = new PresenceRecorder();
        recorders.add(recorder);
        store.start(new PresenceStore.Listener() {
            @Override
            public void onPresence(ChannelEvent event) {
                recorder.onPresence(event);
                if (event instanceof Join join && join.member().subject().equals("ann")) {
                    store.update(ROOM, new Member("bob", "null", 1));
                }
            }

            @Override
            public void onMarker(Channel channel, long marker) {
                recorder.onMarker(channel, marker);
            }

            @Override
            public CompletionStage<Void> onTransition(PresenceStore.Transition transition) {
                return recorder.onTransition(transition);
            }
        });
        tell(store, ROOM, "ann", 1);
        awaitHeard(ROOM, "+ann", "+bob");
    }
}
