package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EntranceTest {
    private static final Channel ROOM = Channel.of("room");
    private static final Channel OTHER = Channel.of("other");
    private static final PublishOptions LOGGED = new PublishOptions(100, Duration.ofMinutes(5));
    private static final PublishOptions RETAINED = LOGGED.withRetain(Duration.ofMinutes(5));
    private static final Entry CACHED = Entry.PLAIN.withRetained();

    private final ManualEventLoop loop = new ManualEventLoop();
    private final LineFormat atOnce = new LineFormat(false);
    private final LineFormat settled = new LineFormat(true);
    private final VirtualTime time = new VirtualTime(1, 1);
    private final PausingBroker broker = new PausingBroker();
    private final MemoryPresence cluster = new MemoryPresence(() -> 0);
    private final MemoryPresenceStore elsewhere = cluster.node();
    private final FailingPresence store = new FailingPresence(cluster.node());
    private final List<String> told = new ArrayList<>();
    private Pushy pushy = start(Limits.DEFAULT);
    private int ids;

    private Pushy start(Limits limits) {
        return Pushy.builder()
                .broker(broker)
                .presence(store)
                .policies(ChannelPolicies.all(ChannelPolicy.DEFAULT.withPresence(true)))
                .limits(limits)
                .timers(time.timers())
                .listener(new PushyListener() {
                    @Override
                    public void onSubscribe(Connection connection, ChannelPattern pattern) {
                        told.add("+" + pattern);
                    }

                    @Override
                    public void onUnsubscribe(Connection connection, ChannelPattern pattern) {
                        told.add("-" + pattern);
                    }
                })
                .start();
    }

    EntranceTest() {
        elsewhere.start(new NobodyListens());
    }

    @AfterEach
    void close() {
        pushy.close();
        elsewhere.close();
        assertEquals(List.of(), time.failures());
    }

    /** A client of a protocol that says itself who is a member. */
    private final class Client {
        final RecordingConnection connection;
        final Subscriber subscriber;
        final int opened;

        Client() {
            this(atOnce, "", false);
        }

        Client(LineFormat format, String subject, boolean joinsByPolicy) {
            connection = new RecordingConnection("1." + ++ids, loop, format);
            connection.joinsByPolicy = joinsByPolicy;
            subscriber = pushy.hub().connect(connection, Grant.of(subject, List.of()), connection);
            subscriber.open(List.of(), Resume.NOW);
            loop.run();
            opened = connection.received.size();
            connection.received.clear();
        }

        Client enter(Entry entry, Channel... channels) {
            subscriber.enter(List.of(channels), entry, this::answer);
            return this;
        }

        private void answer(Entered entered) {
            StringBuilder line = new StringBuilder(entered.full() ? "full" : "entered");
            entered.rosters()
                    .values()
                    .forEach(members -> line.append(' ')
                            .append(members.stream().map(Member::subject).toList()));
            entered.retained()
                    .values()
                    .forEach(kept -> line.append(" retained ")
                            .append(new String(kept.publication().data(), StandardCharsets.UTF_8)));
            entered.missing().forEach(channel -> line.append(" missing"));
            connection.append(line.toString().getBytes(StandardCharsets.UTF_8), null);
        }

        Client as(String subject) {
            return enter(member(subject, 100), ROOM);
        }

        void leave(Channel channel) {
            subscriber.remove(List.of(ChannelPattern.of(channel)), cursor -> {});
            loop.run();
        }

        /** What it has been written since it was last asked. */
        List<String> heard() {
            loop.run();
            List<String> lines = connection.received.stream()
                    .map(line -> line.startsWith("message ") ? line.substring(8, line.lastIndexOf(' ')) : line)
                    .toList();
            connection.received.clear();
            return lines;
        }

        void hears(String... lines) {
            assertEquals(List.of(lines), heard());
        }
    }

    private static Entry member(String subject, int most) {
        return new Entry(new Member(subject, "{}", 0), most, Entry.Roster.AT_ONCE, false);
    }

    private static Entry watcher(Entry.Roster view) {
        return new Entry(null, 1, view, false);
    }

    private void publish(Channel channel, String data) {
        publish(channel, data, LOGGED);
    }

    private void publish(Channel channel, String data, PublishOptions options) {
        pushy.publish(Publication.of(channel, data), options)
                .toCompletableFuture()
                .join();
    }

    /** What the other node of the cluster tells. */
    private void elsewhere(String subject, int connections) {
        elsewhere.update(ROOM, new Member(subject, "{}", connections));
    }

    private List<String> members(Channel channel) {
        return elsewhere.members(channel).toCompletableFuture().join().stream()
                .map(Member::subject)
                .toList();
    }

    private void pass(long millis) {
        for (long passed = 0; passed < millis; passed += 50) {
            time.runUntil(time.now() + 50);
            loop.advance(50);
        }
    }

    @Test
    void enter_plain_answersBeforeTheFirstEvent() {
        publish(ROOM, "0");
        Client client = new Client().enter(Entry.PLAIN, ROOM);
        publish(ROOM, "1");
        loop.run();
        publish(ROOM, "2");

        client.hears("entered", "room 1", "room 2");
        assertEquals(List.of("+room"), told);
        client.leave(ROOM);
        publish(ROOM, "3");
        client.hears();
        assertEquals(List.of("+room", "-room"), told);
    }

    @Test
    void enter_whileOthersAreLive_theirOutputIsHeldBehindTheAnswer() {
        Client client = new Client().enter(Entry.PLAIN, OTHER);
        client.hears("entered");
        broker.pause();
        client.enter(CACHED, ROOM);
        publish(OTHER, "1");
        publish(ROOM, "before the cut");
        client.hears("other 1");
        broker.next();
        publish(OTHER, "2");
        publish(ROOM, "3");
        publish(OTHER, "4");
        client.hears();
        broker.resume();
        client.hears("entered missing", "other 2", "room 3", "other 4");
    }

    @Test
    void enter_socketThatDoesNotRead_heldOutputIsPagedInOrder() {
        Client client = new Client().enter(Entry.PLAIN, OTHER);
        client.hears("entered");
        broker.pause();
        client.enter(CACHED, ROOM);
        broker.next();
        loop.run();
        String padding = "x".repeat(1_000);
        IntStream.range(0, 300).forEach(i -> publish(i % 2 == 0 ? ROOM : OTHER, padding + i));
        loop.run();
        client.connection.stuck = true;
        broker.resume();
        loop.run();
        int backlog = client.connection.backlog();
        IntStream.range(300, 400).forEach(i -> publish(i % 2 == 0 ? ROOM : OTHER, padding + i));
        loop.run();
        assertEquals(backlog, client.connection.backlog());
        client.connection.stuck = false;
        for (int i = 0; i < 100; i++) {
            client.connection.flush();
            client.subscriber.drained();
            loop.advance(10);
        }
        List<String> expected = new ArrayList<>(List.of("entered missing"));
        IntStream.range(0, 400).forEach(i -> expected.add((i % 2 == 0 ? "room " : "other ") + padding + i));
        assertEquals(expected, client.heard());
    }

    @Test
    void enter_moreIsHeldThanAConnectionMayHave_recoversAndAnswersOnce() {
        Client client = new Client().enter(Entry.PLAIN, OTHER);
        client.as("ann");
        client.hears("entered", "entered [ann]");
        Channel third = Channel.of("third");
        broker.pause();
        client.enter(CACHED, third);
        broker.next();
        loop.run();
        String padding = "x".repeat(50_000);
        elsewhere("bob", 1);
        IntStream.range(0, 40).forEach(i -> publish(OTHER, padding + i));
        loop.run();
        elsewhere("bob", 0);
        broker.resume();
        loop.run();
        pass(2_000);
        publish(third, "1");
        List<String> heard = new ArrayList<>(client.heard());
        List<String> ofRoom =
                heard.stream().filter(line -> line.endsWith("room bob")).toList();
        assertEquals(List.of("join room bob", "leave room bob"), ofRoom);
        heard.removeAll(ofRoom);
        heard.removeIf(line -> line.startsWith("checkpoint"));
        List<String> expected = new ArrayList<>();
        IntStream.range(0, 40).forEach(i -> expected.add("other " + padding + i));
        expected.add("entered missing");
        expected.add("third 1");
        assertEquals(expected, heard);
    }

    @Test
    void enter_asMember_rosterHoldsItAndOthersHearOfIt() {
        elsewhere("zoe", 1);
        Client ann = new Client().as("ann");
        ann.hears("entered [zoe, ann]");
        Client bob = new Client().as("bob");
        bob.hears("entered [zoe, ann, bob]");
        ann.hears("join room bob");
        elsewhere("zoe", 0);
        ann.hears("leave room zoe");
        bob.hears("leave room zoe");
        assertEquals(List.of("ann", "bob"), members(ROOM));
    }

    @Test
    void enter_memberOfTwoConnections_oneJoinAndOneLeave() {
        Client watcher = new Client().enter(watcher(Entry.Roster.AT_ONCE), ROOM);
        watcher.hears("entered []");
        Client first = new Client().as("ann");
        Client second = new Client()
                .enter(new Entry(new Member("ann", "{\"other\":1}", 0), 100, Entry.Roster.AT_ONCE, false), ROOM);
        first.hears("entered [ann]");
        second.hears("entered [ann]");
        watcher.hears("join room ann");
        Member ann = elsewhere.members(ROOM).toCompletableFuture().join().get(0);
        assertEquals("{}", ann.meta());
        assertEquals(2, ann.connections());
        second.leave(ROOM);
        watcher.hears();
        first.subscriber.closed(CloseReason.CLIENT_GONE);
        watcher.hears("leave room ann");
        assertEquals(List.of(), members(ROOM));
        first.hears();
        second.hears();
    }

    @Test
    void enter_rosterIsTakenBeforeTheMarker_laterJoinsFollowTheAnswer() {
        Client ann = new Client();
        broker.pause();
        ann.as("ann");
        loop.run();
        elsewhere("bob", 1);
        elsewhere("cid", 1);
        elsewhere("bob", 0);
        ann.hears();
        broker.resume();
        ann.hears("entered [ann]", "join room bob", "join room cid", "leave room bob");
    }

    @Test
    void enter_channelIsFull_nothingIsSubscribed() {
        Client ann = new Client().enter(member("ann", 2), ROOM);
        elsewhere("bob", 1);
        Client cid = new Client().enter(Entry.PLAIN, OTHER);
        loop.run();
        cid.enter(member("cid", 2), ROOM);
        publish(OTHER, "1");
        publish(ROOM, "2");
        cid.hears("entered", "full", "other 1");
        ann.hears("entered [ann]", "join room bob", "room 2");
        assertEquals(List.of(ChannelPattern.of(OTHER)), cid.subscriber.patterns());
        assertEquals(List.of("ann", "bob"), members(ROOM));
        new Client().enter(member("ann", 2), ROOM).hears("entered [ann, bob]");
        elsewhere("bob", 0);
        cid.enter(member("cid", 2), ROOM).hears("entered [ann, cid]");
        assertEquals(List.of("+room", "+other", "+room", "+room"), told);
    }

    @Test
    void enter_oneOfSeveralChannelsIsFull_noneIsJoined() {
        elsewhere("bob", 1);
        Client ann = new Client().enter(member("ann", 1), OTHER, ROOM);
        ann.hears("full");
        assertEquals(List.of(), members(OTHER));
        assertEquals(List.of("bob"), members(ROOM));
    }

    @Test
    void enter_closedOnTheWay_leaves() {
        Client watcher = new Client().enter(watcher(Entry.Roster.AT_ONCE), ROOM);
        watcher.hears("entered []");
        Client ann = new Client();
        broker.pause();
        ann.as("ann");
        watcher.hears("join room ann");
        ann.subscriber.closed(CloseReason.CLIENT_GONE);
        watcher.hears("leave room ann");
        broker.resume();
        ann.hears();
        assertEquals(List.of("+room"), told);
    }

    @Test
    void enter_whatIsSubscribedAlready_isLeftAsItIs() {
        Client ann = new Client().as("ann");
        ann.hears("entered [ann]");
        ann.enter(member("bob", 100), ROOM).hears("entered");
        publish(ROOM, "1");
        ann.hears("room 1");
        assertEquals(List.of("ann"), members(ROOM));
    }

    @Test
    void enter_presenceStoreIsAway_answersWhenItIsBackAndHoldsNothingMeanwhile() {
        Client ann = new Client().enter(Entry.PLAIN, OTHER);
        ann.hears("entered");
        elsewhere("bob", 1);
        store.away = true;
        ann.as("ann");
        publish(OTHER, "1");
        pass(3_000);
        publish(OTHER, "2");
        ann.hears("other 1", "other 2");
        store.away = false;
        pass(3_000);
        ann.hears("entered [bob, ann]");
        store.away = true;
        ann.leave(ROOM);
        pass(3_000);
        assertEquals(List.of("bob", "ann"), members(ROOM));
        store.away = false;
        pass(3_000);
        assertEquals(List.of("bob"), members(ROOM));
    }

    @Test
    void linkBreaks_whoCameAndWentMeanwhileIsToldOnce() {
        elsewhere("bob", 1);
        elsewhere("cid", 1);
        elsewhere("dan", 1);
        Client ann = new Client().as("ann");
        ann.hears("entered [bob, cid, dan, ann]");
        broker.link().down();
        elsewhere("bob", 0);
        elsewhere("eve", 1);
        elsewhere("cid", 0);
        elsewhere("cid", 1);
        ann.hears();
        broker.link().up();
        ann.hears("leave room bob", "join room eve");
        elsewhere("dan", 0);
        ann.hears("leave room dan");
        new Client().as("fay").hears("entered [ann, eve, cid, fay]");
        pass(10_000);
        ann.hears("join room fay");
    }

    @Test
    void linkBreaks_onTheWay_beginsAgain() {
        Client ann = new Client().enter(Entry.PLAIN, OTHER);
        ann.hears("entered");
        broker.pause();
        ann.enter(new Entry(new Member("ann", "{}", 0), 9, Entry.Roster.AT_ONCE, true), ROOM);
        loop.run();
        broker.next();
        loop.run();
        publish(OTHER, "1");
        publish(ROOM, "1");
        elsewhere("bob", 1);
        ann.hears();
        broker.link().down();
        ann.hears("other 1");
        elsewhere("bob", 0);
        elsewhere("cid", 1);
        broker.link().up();
        broker.resume();
        loop.run();
        publish(ROOM, "2");
        ann.hears("entered [ann, cid] missing", "room 2");
    }

    @Test
    void mailboxOverflows_whatBecameOfMembersIsToldAllTheSame() {
        pushy.close();
        MemoryPresenceStore mine = cluster.node();
        pushy = Pushy.builder()
                .presence(mine)
                .timers(time.timers())
                .limits(Limits.builder().mailbox(16).build())
                .start();
        elsewhere("bob", 1);
        elsewhere("cid", 1);
        Client ann = new Client().as("ann");
        ann.hears("entered [bob, cid, ann]");
        IntStream.range(0, 100).forEach(i -> publish(ROOM, "" + i));
        elsewhere("bob", 0);
        elsewhere("cid", 0);
        elsewhere("cid", 1);
        elsewhere("eve", 1);
        loop.advance(2_000);
        elsewhere("cid", 0);
        List<String> heard = ann.heard();
        List<String> ofMembers =
                heard.stream().filter(line -> line.matches("(join|leave) .*")).toList();
        assertEquals(List.of("leave room bob", "join room eve", "leave room cid"), ofMembers);
        assertEquals(
                100, heard.stream().filter(line -> line.matches("room \\d+")).count());
    }

    @Test
    void settledRoster_holdsWhoMayBeBack() {
        elsewhere("bob", 1);
        elsewhere("cid", 1);
        Client first = new Client(settled, "", false).enter(watcher(Entry.Roster.SETTLED), ROOM);
        first.hears("entered [bob, cid]");
        elsewhere("bob", 0);
        elsewhere("cid", 0);
        pass(1_000);
        Client second = new Client(settled, "", false).enter(watcher(Entry.Roster.SETTLED), ROOM);
        second.hears("entered [bob, cid]");
        Client third = new Client().enter(watcher(Entry.Roster.AT_ONCE), ROOM);
        third.hears("entered []");
        elsewhere("cid", 1);
        elsewhere("dan", 1);
        pass(10_000);
        first.hears("join room dan", "leave room bob");
        second.hears("join room dan", "leave room bob");
        third.hears("join room cid", "join room dan");
    }

    @Test
    void settledRoster_leaveThatWaitsFromBeforeTheRoster_returnIsNotLost() {
        Client pattern = new Client(settled, "x", true);
        pattern.subscriber.add(List.of(ChannelPattern.of("*")), Resume.NOW, added -> {});
        loop.run();
        elsewhere("bob", 1);
        elsewhere("bob", 0);
        pass(1_000);
        Client watcher = new Client(settled, "", false).enter(watcher(Entry.Roster.SETTLED), ROOM);
        watcher.hears("entered []");
        elsewhere("bob", 1);
        watcher.hears("join room bob");
    }

    @Test
    void interestLapses_rosterIsReadAnew() {
        elsewhere("bob", 1);
        Client ann = new Client().as("ann");
        ann.hears("entered [bob, ann]");
        ann.leave(ROOM);
        pass(10_000);
        elsewhere("bob", 0);
        elsewhere("cid", 1);
        ann.as("ann").hears("entered [cid, ann]");
    }

    @Test
    void storeLostEvents_whatHasChangedIsTold() {
        elsewhere("bob", 1);
        Client ann = new Client().as("ann");
        ann.hears("entered [bob, ann]");
        store.deaf = true;
        elsewhere("bob", 0);
        elsewhere("cid", 1);
        ann.hears();
        store.hearAgain();
        ann.hears("leave room bob", "join room cid");
    }

    @Test
    void storeLostTheMarker_rosterIsReadAgain() {
        store.deaf = true;
        Client ann = new Client().as("ann");
        ann.hears();
        store.deaf = false;
        pass(10_000);
        ann.hears("entered [ann]");
    }

    @Test
    void open_withoutSubscriptions_waitsForNobody() {
        broker.link().down();
        Client ann = new Client();
        assertEquals(1, ann.opened);
        ann.enter(Entry.PLAIN, ROOM).hears();
        broker.link().up();
        ann.hears("entered");
    }

    @Test
    void join_withoutSubscribing_lastsAsLongAsTheConnection() {
        Channel online = Channel.reserved("default", "online", "ann");
        Client watcher = new Client().enter(watcher(Entry.Roster.AT_ONCE), online);
        watcher.hears("entered []");
        Client ann = new Client();
        ann.subscriber.join(online, new Member("ann", "null", 0));
        ann.enter(watcher(Entry.Roster.AT_ONCE), online);
        ann.hears("entered [ann]");
        watcher.hears("join " + online + " ann");
        ann.subscriber.closed(CloseReason.CLIENT_GONE);
        watcher.hears("leave " + online + " ann");
        ann.subscriber.join(online, new Member("ann", "null", 0));
        watcher.hears();
        assertEquals(List.of(), told, "reserved channels are nobody's business");
        assertEquals(0, elsewhere.subscriberCount(online).toCompletableFuture().join());
    }

    @Test
    void nativeMember_grantIsReplaced_itsOwnMembershipEnds() {
        Client ann = new Client(settled, "ann", true);
        ann.subscriber.add(List.of(ChannelPattern.of(ROOM)), Resume.NOW, added -> {});
        loop.run();
        Client bob = new Client().as("bob");
        bob.hears("entered [ann, bob]");
        ann.subscriber.grant(Grant.of("somebody else", List.of()));
        ann.leave(ROOM);
        bob.hears("leave room ann");
        assertEquals(List.of("bob"), members(ROOM));
    }

    @Test
    void disconnect_ofTheEmptySubject_endsNobody() {
        Client nobody = new Client();
        Client ann = new Client(atOnce, "ann", false);
        pushy.disconnect("default", null, "");
        pushy.revokeSubject("default", "");
        loop.run();
        assertNull(nobody.connection.closed);
        pushy.disconnect("default", null, "ann");
        loop.run();
        assertEquals(CloseReason.REVOKED, ann.connection.closed);
        assertNull(nobody.connection.closed);
    }

    @Test
    void retained_beforeTheCut_isInTheAnswer() {
        publish(ROOM, "1", RETAINED);
        Client client = new Client().enter(CACHED, ROOM);
        client.hears("entered retained 1");
        new Client().enter(CACHED, OTHER).hears("entered missing");
        publish(ROOM, "2", PublishOptions.LIVE_ONLY.withRetain(Duration.ofMinutes(5)));
        client.hears("room 2");
        new Client().enter(CACHED, ROOM).hears("entered retained 2");
    }

    @Test
    void retained_fromBehindTheCut_comesOnceAsAnEvent() {
        for (PublishOptions options : List.of(RETAINED, PublishOptions.LIVE_ONLY.withRetain(Duration.ofMinutes(5)))) {
            publish(ROOM, "0", options);
            Client client = new Client();
            broker.pause();
            client.enter(CACHED, ROOM);
            broker.next();
            loop.run();
            publish(ROOM, "1", options);
            broker.next();
            client.hears();
            broker.resume();
            client.hears("entered", "room 1");
        }
    }

    @Test
    void retained_betweenItsReadAndTheAnswer_comesAsAnEvent() {
        publish(ROOM, "0", RETAINED);
        Client client = new Client();
        broker.pause();
        client.enter(CACHED, ROOM, OTHER);
        broker.next();
        loop.run();
        broker.next();
        publish(ROOM, "1", RETAINED);
        broker.resume();
        client.hears("entered retained 0 missing", "room 1");
    }

    @Test
    void retained_cannotBeRead_answersLaterAndHoldsNothingMeanwhile() {
        publish(ROOM, "0", RETAINED);
        Client client = new Client().enter(Entry.PLAIN, OTHER);
        client.hears("entered");
        broker.failures = 3;
        client.enter(CACHED, ROOM);
        publish(OTHER, "1");
        publish(ROOM, "2");
        client.hears("other 1");
        pass(10_000);
        publish(ROOM, "3");
        client.hears("entered retained 0", "room 3");
    }
}
