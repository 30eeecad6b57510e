package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.Channel;
import dev.pushy.core.Position;
import dev.pushy.core.PresenceStore.Transition;
import dev.pushy.core.PresenceStore.Transition.Kind;
import dev.pushy.core.Publication;
import dev.pushy.core.Receipt;
import dev.pushy.undertow.pusher.WebhookReceiver.Received;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What receivers of webhooks get over real sockets, while time passes as the test says. */
class WebhookSenderTest {
    /** No pause between two attempts is as long, so that timers of this time are requests. */
    private static final Duration TIMEOUT = Duration.ofSeconds(7);

    private final ManualSerial serial = new ManualSerial();
    private final List<Webhook> webhooks = new ArrayList<>();
    private final InstantSource clock = () -> Instant.ofEpochMilli(1_700_000_000_000L + serial.millis() - 1_000_000);
    private WebhookReceiver receiver;
    private WebhookSender sender;
    private RuntimeException broken;
    private boolean gone;
    private int ids;

    /** The app as it is configured right now. */
    private final class Apps implements AppRegistry {
        @Override
        public Optional<PusherApp> byKey(String key) {
            throw new AssertionError("not asked by webhooks");
        }

        @Override
        public Optional<PusherApp> byId(String id) {
            throw new AssertionError("not asked by webhooks");
        }

        @Override
        public Optional<PusherApp> byTenant(String tenant) {
            if (broken != null) {
                throw broken;
            }
            return gone || !tenant.equals("default") ? Optional.empty() : Optional.of(app());
        }
    }

    private PusherApp app() {
        PusherApp.Builder app =
                PusherApp.builder("1001").key("app-key-01", "app-secret-01").key("app-key-02", "app-secret-02");
        webhooks.forEach(app::webhook);
        return app.build();
    }

    @BeforeEach
    void start() throws IOException {
        receiver = new WebhookReceiver();
        sender = new WebhookSender(new Apps(), serial, clock, TIMEOUT);
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    private CompletableFuture<Void> happens(Kind kind, String channel, String subject) {
        return tell(transition(kind, channel, subject));
    }

    private Transition transition(Kind kind, String channel, String subject) {
        return new Transition("t" + ids++, kind, Channel.of(channel), subject, 0);
    }

    private CompletableFuture<Void> tell(Transition transition) {
        CompletableFuture<Void> stage = sender.onTransition(transition).toCompletableFuture();
        serial.run();
        return stage;
    }

    private void occupied(String... channels) {
        for (String channel : channels) {
            happens(Kind.OCCUPIED, channel, "");
        }
    }

    private Webhook single(WebhookEvent... events) {
        return new Webhook(receiver.url(), Set.of(events), false, "", "", Map.of());
    }

    private void delivered(int events) {
        serial.runUntil(events + " events were delivered", () -> sender.stats().delivered() == events);
    }

    private void failed(int requests) {
        serial.runUntil(requests + " requests failed", () -> sender.stats().failures() == requests);
    }

    private static void assertSigned(Received received, AppKey key) {
        assertEquals("POST", received.method());
        assertEquals(List.of("application/json"), received.headers().get("Content-Type"));
        assertEquals(key.key(), received.headers().getFirst("X-Pusher-Key"));
        assertEquals(PusherAuth.sign(key, received.body()), received.headers().getFirst("X-Pusher-Signature"));
    }

    @Test
    void W01_firstSubscriber_isTold_signedWithTheOldestKey() {
        webhooks.add(Webhook.of(receiver.url()));
        occupied("orders");
        Received received = receiver.next();
        assertSigned(received, new AppKey("app-key-01", "app-secret-01"));
        assertEquals(
                "{\"time_ms\":1700000000000,\"events\":[{\"name\":\"channel_occupied\",\"channel\":\"orders\"}]}",
                received.text());
        assertEquals(
                "33480cbc6433fb6c7b624e77faa9248635b35444d1e4bdcbd1b9a19b876e8a29",
                received.headers().getFirst("X-Pusher-Signature"));
        delivered(1);
        assertEquals(new WebhookStats(1, 0, 0, 0, 0, 0), sender.stats());
    }

    @Test
    void W02_returnWithinTwoSeconds_isNotTold() {
        webhooks.add(single(WebhookEvent.values()));
        happens(Kind.LEFT, "presence-a", "u1");
        happens(Kind.VACATED, "presence-a", "");
        serial.pass(2_000);
        happens(Kind.JOINED, "presence-a", "u1");
        happens(Kind.OCCUPIED, "presence-a", "");
        serial.pass(60_000);
        occupied("end");
        assertEquals(List.of("channel_occupied end"), receiver.next().events());
    }

    @Test
    void W03_leavingForGood_isToldOnce_theMemberBeforeTheChannel() {
        webhooks.add(single(WebhookEvent.values()));
        happens(Kind.VACATED, "presence-a", "");
        happens(Kind.LEFT, "presence-a", "u1");
        serial.pass(2_400);
        assertEquals(0, sender.stats().waiting());
        serial.pass(1_600);
        delivered(2);
        Received first = receiver.next();
        assertEquals(List.of("member_removed presence-a"), first.events());
        assertEquals("u1", first.json().get("events").get(0).get("user_id").asText());
        assertEquals(List.of("channel_vacated presence-a"), receiver.next().events());
        serial.pass(60_000);
        assertEquals(2, receiver.count());
    }

    @Test
    void W04_receiverThatFailsTwice_getsTheSameEventAgain_afterGrowingPauses() {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = 500;
        occupied("a");
        failed(1);
        JsonNode events = receiver.next().json().get("events");
        serial.pass(999);
        assertEquals(1, receiver.count());
        serial.pass(251);
        failed(2);
        Received second = receiver.next();
        assertEquals(events, second.json().get("events"));
        receiver.status = 204;
        serial.pass(1_999);
        assertEquals(2, receiver.count());
        serial.pass(501);
        delivered(1);
        Received third = receiver.next();
        assertEquals(events, third.json().get("events"));
        assertSigned(third, new AppKey("app-key-01", "app-secret-01"));
        assertNotEquals(second.json().get("time_ms"), third.json().get("time_ms"));
        serial.pass(600_000);
        assertEquals(3, receiver.count());
    }

    @Test
    void W04_receiverThatFailsForFiveMinutes_isGivenUp() {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = 503;
        occupied("a");
        long begin = serial.millis();
        failed(1);
        while (sender.stats().expired() == 0) {
            assertTrue(serial.millis() - begin <= 301_000, "not given up after " + receiver.count() + " requests");
            serial.pass(1_000);
            failed(serial.asked(TIMEOUT.toMillis()));
        }
        int requests = receiver.count();
        assertTrue(serial.millis() - begin >= 299_000, "given up after " + (serial.millis() - begin) + " ms");
        assertTrue(requests >= 8 && requests <= 12, requests + " requests");
        assertEquals(new WebhookStats(0, requests, 1, 0, 0, 0), sender.stats());
        receiver.status = 200;
        occupied("b");
        delivered(1);
    }

    @Test
    void W04_redirect_isNotFollowed() {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = 302;
        occupied("a");
        failed(1);
        receiver.status = 200;
        serial.pass(1_250);
        delivered(1);
        assertEquals(2, receiver.count());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void W04_receiverThatDoesNotAnswerToTheEnd_isAskedAgain(int answer) {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = answer;
        occupied("a");
        assertEquals(List.of("channel_occupied a"), receiver.next().events());
        receiver.status = 200;
        serial.pass(10_000);
        failed(1);
        serial.pass(1_250);
        delivered(1);
    }

    @Test
    void W04_receiverThatIsAway_isAskedAgain() {
        URI nowhere;
        try (WebhookReceiver closed = new WebhookReceiver()) {
            nowhere = closed.url();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        webhooks.add(Webhook.of(nowhere));
        occupied("a");
        failed(1);
        serial.pass(1_250);
        failed(2);
    }

    @Test
    void W05_clientEvent_hasTextsOnly_andTheMemberWhoSentIt() {
        webhooks.add(single(WebhookEvent.CLIENT_EVENT));
        sender.onClientEvent(app(), Channel.of("presence-a"), "client-x", "{\"a\":1}", "123.456", "7");
        sender.onClientEvent(app(), Channel.of("private-a"), "client-x", "", "123.456", null);
        delivered(2);
        JsonNode event = receiver.next().json().get("events").get(0);
        assertEquals(
                "{\"name\":\"client_event\",\"channel\":\"presence-a\",\"event\":\"client-x\",\"data\":\"{\\\"a\\\":1}\","
                        + "\"socket_id\":\"123.456\",\"user_id\":\"7\"}",
                event.toString());
        assertNull(receiver.next().json().get("events").get(0).get("user_id"));
    }

    @Test
    void W05_memberWhoJoined_isToldBeforeItsEvents() {
        webhooks.add(single(WebhookEvent.values()));
        happens(Kind.JOINED, "presence-a", "7");
        sender.onClientEvent(app(), Channel.of("presence-a"), "client-x", "1", "123.456", "7");
        delivered(2);
        assertEquals(List.of("member_added presence-a"), receiver.next().events());
        assertEquals(List.of("client_event presence-a"), receiver.next().events());
    }

    @Test
    void W06_burstWithoutBatches_isOneRequestForEachEvent_inOrder() {
        webhooks.add(single(WebhookEvent.values()));
        occupied("a", "b", "c", "d", "e");
        delivered(5);
        for (String channel : List.of("a", "b", "c", "d", "e")) {
            assertEquals(List.of("channel_occupied " + channel), receiver.next().events());
        }
        assertEquals(5, receiver.count());
    }

    @Test
    void W06_burstWithBatches_isFewerRequests_inOrder() {
        webhooks.add(Webhook.of(receiver.url()));
        // All are told before the first answer can come.
        for (String channel : List.of("a", "b", "c", "d", "e")) {
            var unused = sender.onTransition(transition(Kind.OCCUPIED, channel, ""));
        }
        serial.run();
        delivered(5);
        assertEquals(List.of("channel_occupied a"), receiver.next().events());
        assertEquals(
                List.of("channel_occupied b", "channel_occupied c", "channel_occupied d", "channel_occupied e"),
                receiver.next().events());
    }

    @Test
    void filters_choosePerEvent_andOnlyWhatIsLeftIsSent() throws IOException {
        try (WebhookReceiver other = new WebhookReceiver()) {
            webhooks.add(new Webhook(
                    receiver.url(), Set.of(WebhookEvent.CHANNEL_OCCUPIED), true, "a", "z", Map.of("X-Token", "t")));
            webhooks.add(Webhook.of(other.url()));
            occupied("az", "a", "z", "a-z");
            happens(Kind.VACATED, "az", "");
            serial.pass(3_100);
            delivered(7);
            List<String> events = new ArrayList<>();
            while (events.size() < 2) {
                Received received = receiver.next();
                assertEquals("t", received.headers().getFirst("X-Token"));
                events.addAll(received.events());
            }
            assertEquals(List.of("channel_occupied az", "channel_occupied a-z"), events);
        }
    }

    @Test
    void otherMembersReservedChannelsAndOtherApps_areNotTold() {
        webhooks.add(single(WebhookEvent.values()));
        happens(Kind.JOINED, "room", "u1");
        sender.onTransition(new Transition("r1", Kind.JOINED, Channel.reserved("default", "online", "u1"), "u1", 0));
        sender.onTransition(new Transition("r2", Kind.OCCUPIED, Channel.reserved("default", "user", "u1"), "", 0));
        sender.onTransition(new Transition("r3", Kind.OCCUPIED, Channel.of("shop", "a"), "", 0));
        serial.pass(10_000);
        occupied("end");
        assertEquals(List.of("channel_occupied end"), receiver.next().events());
    }

    @Test
    void cacheMiss_isToldOnce_untilTheChannelWasFilled() {
        webhooks.add(single(WebhookEvent.CACHE_MISS));
        Channel channel = Channel.of("cache-a");
        sender.onCacheMiss(app(), channel);
        sender.onCacheMiss(app(), channel);
        serial.run();
        sender.onPublish(Publication.of(channel, "client-x", new byte[] {'1'}), new Receipt("1", Position.NONE, false));
        sender.onCacheMiss(app(), channel);
        sender.onPublish(Publication.of(channel, "e", new byte[] {'1'}), new Receipt("1", Position.NONE, false));
        sender.onCacheMiss(app(), channel);
        delivered(2);
        assertEquals(List.of("cache_miss cache-a"), receiver.next().events());
        assertEquals(List.of("cache_miss cache-a"), receiver.next().events());
        assertEquals(2, receiver.count());
    }

    @Test
    void subscriptionCount_isANumber() {
        webhooks.add(single(WebhookEvent.SUBSCRIPTION_COUNT));
        sender.onSubscriptionCount(app(), Channel.of("a"), 110);
        serial.run();
        assertEquals(
                "{\"name\":\"subscription_count\",\"channel\":\"a\",\"subscription_count\":110}",
                receiver.next().json().get("events").get(0).toString());
    }

    @Test
    void slowReceiver_holdsUpNobodyElse() throws IOException {
        try (WebhookReceiver other = new WebhookReceiver()) {
            webhooks.add(Webhook.of(receiver.url()));
            webhooks.add(Webhook.of(other.url()));
            receiver.status = 0;
            occupied("a", "b");
            delivered(2);
            assertEquals(List.of("channel_occupied a"), other.next().events());
            assertEquals(2, sender.stats().waiting());
        }
    }

    @Test
    void moreThanThereIsRoomFor_pushesOutTheOldest() {
        webhooks.add(single(WebhookEvent.CHANNEL_OCCUPIED));
        receiver.status = 0;
        for (int i = 0; i < 10_011; i++) {
            occupied("c" + i);
        }
        assertEquals(10, sender.stats().overflowed());
        assertEquals(10_001, sender.stats().waiting());
        assertEquals(List.of("channel_occupied c0"), receiver.next().events());
        receiver.status = 200;
        serial.pass(11_250);
        assertEquals(List.of("channel_occupied c0"), receiver.next().events());
        serial.runUntil("the next was sent", () -> sender.stats().delivered() > 1);
        assertEquals(List.of("channel_occupied c11"), receiver.next().events());
    }

    @Test
    void webhookThatIsNoMore_getsNothingOfWhatWaits() {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = 500;
        occupied("a", "b");
        failed(1);
        gone = true;
        serial.pass(2_000);
        assertEquals(2, sender.stats().discarded());
        assertEquals(0, sender.stats().waiting());
        assertEquals(1, receiver.count());
    }

    @Test
    void keyThatWasRotated_signsTheNextTry() {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = 500;
        occupied("a");
        failed(1);
        receiver.next();
        webhooks.add(single(WebhookEvent.MEMBER_ADDED));
        receiver.status = 200;
        serial.pass(1_250);
        delivered(1);
        assertEquals(List.of("channel_occupied a"), receiver.next().events());
    }

    @Test
    void registryThatFails_leavesWebhooksAsTheyWere() {
        webhooks.add(Webhook.of(receiver.url()));
        broken = new IllegalStateException("the database is away");
        occupied("untold");
        broken = null;
        serial.pass(1_001);
        occupied("a");
        delivered(1);
        broken = new IllegalStateException("the database is away");
        serial.pass(1_001);
        occupied("b");
        delivered(2);
        assertEquals(List.of("channel_occupied a"), receiver.next().events());
        assertEquals(List.of("channel_occupied b"), receiver.next().events());
    }

    @Test
    void close_tellsWhatWasHeldBack_andTriesOnceMore() throws Exception {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = 500;
        occupied("a");
        failed(1);
        happens(Kind.VACATED, "a", "");
        receiver.next();
        receiver.status = 200;
        Thread closing = new Thread(sender::close);
        closing.start();
        serial.runUntil("the sender has ended", serial::isClosed);
        closing.join();
        assertEquals(List.of("channel_occupied a"), receiver.next().events());
        assertEquals(List.of("channel_vacated a"), receiver.next().events());
        assertEquals(0, sender.stats().waiting());
        sender.close();
    }

    @Test
    void close_whileTheReceiverFails_givesUp() throws Exception {
        webhooks.add(single(WebhookEvent.values()));
        receiver.status = 500;
        occupied("a", "b");
        failed(1);
        Thread closing = new Thread(sender::close);
        closing.start();
        serial.runUntil("the sender has ended", serial::isClosed);
        closing.join();
        assertEquals(2, sender.stats().discarded());
    }

    private void done(CompletableFuture<Void> stage) {
        serial.runUntil("the transition was dealt with", stage::isDone);
        assertFalse(stage.isCompletedExceptionally());
    }

    @Test
    void transitionThatNobodyWants_isDoneAtOnce() {
        CompletableFuture<Void> withoutWebhook = happens(Kind.OCCUPIED, "a", "");
        done(withoutWebhook);
        serial.pass(1_001);
        webhooks.add(single(WebhookEvent.MEMBER_ADDED));
        done(happens(Kind.OCCUPIED, "a", ""));
        assertSame(Transition.DONE, sender.onTransition(new Transition("x", Kind.JOINED, Channel.of("a"), "u1", 0)));
        assertEquals(0, sender.stats().waiting());
    }

    @Test
    void transition_isDoneWhenAllWhoWantItHaveIt() throws IOException {
        try (WebhookReceiver other = new WebhookReceiver()) {
            webhooks.add(Webhook.of(receiver.url()));
            webhooks.add(Webhook.of(other.url()));
            receiver.status = 500;
            CompletableFuture<Void> stage = happens(Kind.OCCUPIED, "a", "");
            delivered(1);
            failed(1);
            assertFalse(stage.isDone());
            receiver.status = 200;
            serial.pass(1_250);
            done(stage);
        }
    }

    @Test
    void transitionThatIsHeldBack_isDoneWhenItIsDelivered_orTakenBack() {
        webhooks.add(single(WebhookEvent.values()));
        CompletableFuture<Void> left = happens(Kind.LEFT, "presence-a", "u1");
        CompletableFuture<Void> stays = happens(Kind.LEFT, "presence-a", "u2");
        serial.pass(2_000);
        assertFalse(left.isDone());
        CompletableFuture<Void> back = happens(Kind.JOINED, "presence-a", "u1");
        done(left);
        done(back);
        assertFalse(stays.isDone());
        serial.pass(600);
        done(stays);
        assertEquals(1, receiver.count());
    }

    @Test
    void transitionThatIsGivenUp_isDone() {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = 503;
        CompletableFuture<Void> stage = happens(Kind.OCCUPIED, "a", "");
        failed(1);
        while (sender.stats().expired() == 0) {
            assertFalse(stage.isDone());
            serial.pass(1_000);
            failed(serial.asked(TIMEOUT.toMillis()));
        }
        done(stage);
    }

    @Test
    void transitionForWhichThereIsNoRoom_isDone_theOldestFirst() {
        webhooks.add(single(WebhookEvent.CHANNEL_OCCUPIED));
        receiver.status = 0;
        List<CompletableFuture<Void>> stages = new ArrayList<>();
        for (int i = 0; i < 10_011; i++) {
            stages.add(happens(Kind.OCCUPIED, "c" + i, ""));
        }
        assertEquals(10, sender.stats().overflowed());
        assertFalse(stages.get(0).isDone(), "its request is under way");
        for (int i = 1; i < stages.size(); i++) {
            assertEquals(i <= 10, stages.get(i).isDone(), "c" + i);
        }
    }

    @Test
    void transitionsThatNobodyLooksAt_areGivenUpWhereThereAreTooMany() {
        webhooks.add(single(WebhookEvent.CHANNEL_OCCUPIED));
        Transition transition = new Transition("t", Kind.OCCUPIED, Channel.of("a"), "", 0);
        CompletableFuture<Void> first = sender.onTransition(transition).toCompletableFuture();
        CompletableFuture<Void> last = first;
        for (int i = 0; i < 100_000; i++) {
            last = sender.onTransition(transition).toCompletableFuture();
        }
        assertFalse(first.isDone());
        done(last);
        assertEquals(1, sender.stats().overflowed());
    }

    @Test
    void transitionToldTwice_isDoneWhenTheFirstIs_andSentOnce() {
        webhooks.add(single(WebhookEvent.values()));
        Transition vacated = new Transition("t", Kind.VACATED, Channel.of("a"), "", 0);
        CompletableFuture<Void> first = tell(vacated);
        CompletableFuture<Void> second = tell(vacated);
        serial.pass(2_900);
        assertFalse(first.isDone());
        assertFalse(second.isDone());
        serial.pass(200);
        done(first);
        done(second);
        done(tell(vacated));
        assertEquals(1, receiver.count());
    }

    @Test
    void webhookThatIsNoMore_itsTransitionsAreDone() {
        webhooks.add(Webhook.of(receiver.url()));
        receiver.status = 500;
        CompletableFuture<Void> stage = happens(Kind.OCCUPIED, "a", "");
        failed(1);
        gone = true;
        serial.pass(2_000);
        done(stage);
    }

    @Test
    void nodeThatEnds_tellsWhatWasHeldBack_andFailsWhatIsNotTaken() throws IOException {
        try (WebhookReceiver other = new WebhookReceiver()) {
            webhooks.add(new Webhook(receiver.url(), Set.of(WebhookEvent.values()), true, "a", "", Map.of()));
            webhooks.add(new Webhook(other.url(), Set.of(WebhookEvent.values()), true, "b", "", Map.of()));
            other.status = 500;
            CompletableFuture<Void> heldBack = happens(Kind.VACATED, "a", "");
            CompletableFuture<Void> refused = happens(Kind.OCCUPIED, "b", "");
            failed(1);
            sender.onClosing();
            done(heldBack);
            serial.runUntil("the node gave up", refused::isDone);
            assertTrue(refused.isCompletedExceptionally());
            assertEquals(1, sender.stats().discarded());
            assertEquals(List.of("channel_vacated a"), receiver.next().events());
        }
    }

    @Test
    void transitionAfterTheEnd_fails() throws Exception {
        webhooks.add(Webhook.of(receiver.url()));
        Thread closing = new Thread(sender::close);
        closing.start();
        serial.runUntil("the sender has ended", serial::isClosed);
        closing.join();
        assertTrue(happens(Kind.OCCUPIED, "a", "").isCompletedExceptionally());
        assertEquals(0, receiver.count());
    }

    @Test
    void webhook_thatNoRequestCanBeMadeOf_isRefused() {
        for (String url : List.of("ftp://x/", "/x", "http:///x")) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> Webhook.of(URI.create(url)));
            assertTrue(refused.getMessage().contains("http"), refused.getMessage());
        }
        Map<String, String> headers = Map.of("Content-Length", "secret-value");
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> new Webhook(URI.create("http://x/"), Set.of(), true, "", "", headers));
        assertTrue(refused.getMessage().contains("Content-Length"), refused.getMessage());
        assertFalse(refused.getMessage().contains("secret-value"), refused.getMessage());
    }
}
