package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.pusher.rest.Pusher;
import com.pusher.rest.data.Result;
import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Two packaged servers and a Redis: to their clients they are one, and what happens is told to the outside once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoNodesIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<AutoCloseable> opened = new ArrayList<>();
    private RedisProcess redis;
    private PusherApplication application;
    private AppsServer one;
    private AppsServer two;
    private Pusher toOne;
    private Pusher toTwo;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        redis = RedisProcess.start(folder);
        application = new PusherApplication(new Pusher("x", AppsServer.MAIN.key(), AppsServer.MAIN.secret()));
        Map<String, String> environment =
                Map.of("REDIS_URL", redis.url(), "PUSHY_CHANNELS", "{room.*: {presence: true}}");
        one = AppsServer.start(folder.resolve("one"), application.webhook(), environment);
        two = AppsServer.start(folder.resolve("two"), application.webhook(), environment);
        toOne = library(one);
        toTwo = library(two);
        client(one).awaitReadiness(200);
        client(two).awaitReadiness(200);
    }

    private static Pusher library(AppsServer node) throws InterruptedException {
        Pusher library = new Pusher(AppsServer.MAIN.id(), AppsServer.MAIN.key(), AppsServer.MAIN.secret());
        library.setHost("127.0.0.1:" + node.port());
        library.setEncrypted(false);
        return library;
    }

    @AfterEach
    void hangUp() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        opened.clear();
    }

    @AfterAll
    void stop() throws Exception {
        for (AutoCloseable part : new AutoCloseable[] {toOne, toTwo, one, two, application, redis}) {
            if (part != null) {
                part.close();
            }
        }
    }

    private static NodeClient client(AppsServer node) throws InterruptedException {
        return new NodeClient(node.port(), AppsServer.MAIN.id(), AppsServer.MAIN.secret());
    }

    private <T extends AutoCloseable> T open(T part) {
        opened.add(part);
        return part;
    }

    private JavaPusher pusher(AppsServer node, String user) throws InterruptedException {
        return open(new JavaPusher(node.port(), AppsServer.MAIN.key(), application, user));
    }

    private static String succeeded(Result result) {
        assertEquals(Result.Status.SUCCESS, result.getStatus(), result.getMessage());
        return result.getMessage();
    }

    private static void publish(NodeClient node, String channel, String text) throws Exception {
        assertEquals(200, node.publish(channel, '"' + text + '"').statusCode());
    }

    @Test
    void publishedOnOneNode_isHeardOnTheOther() throws Exception {
        NodeClient first = client(one);
        NodeClient second = client(two);
        String token = first.token("ann", "news.sports");
        EventStream stream = open(first.stream(token));
        TextSocket socket = open(first.webSocket(token, "news.sports"));
        JavaPusher pusher = pusher(one, "ann").subscribed("news.sports");

        publish(second, "news.sports", "goal");

        stream.until("\"goal\"");
        socket.until("\"goal\"");
        pusher.await("news.sports: message \"goal\"");
        assertTrue(first.ask("/history/news.sports").toString().contains("goal"));
    }

    @Test
    void triggeredOnOneNode_isHeardOnTheOther() throws Exception {
        EventStream stream = open(client(one).stream(client(one).token("ann", "private-talk")));
        JavaPusher ann = pusher(one, "ann").subscribed("private-talk");
        JavaPusher bob = pusher(two, "bob").subscribed("private-talk");

        succeeded(toTwo.trigger("private-talk", "said", Map.of("n", 1)));
        ann.await("private-talk: said {\"n\":1}");
        bob.await("private-talk: said {\"n\":1}");
        stream.until("event: said");

        succeeded(toOne.trigger(List.of("private-talk"), "said", "not to bob", bob.socketId()));
        bob.trigger("private-talk", "client-typing", "{}");
        ann.await("private-talk: client-typing {}");
        succeeded(toOne.trigger("private-talk", "said", "last"));
        bob.await("private-talk: said \"last\"");
        assertEquals(List.of(), bob.about("not to bob"));
        assertEquals(1, ann.about("not to bob").size());
    }

    @Test
    void membersOfBothNodes_areSeenFromEach() throws Exception {
        String room = "presence-both";
        JavaPusher ann = pusher(one, "ann").subscribed(room);
        ann.await(room + " has ann");
        JavaPusher bob = pusher(two, "bob").subscribed(room);
        bob.await(room + " has ann, bob");
        ann.await(room + " is joined by bob {\"name\":\"It is bob\"}");
        JavaPusher tab = pusher(one, "bob").subscribed(room);
        tab.await(room + " has ann, bob");
        for (Pusher node : List.of(toOne, toTwo)) {
            Await.until(
                    () -> users(node, room).equals(Set.of("ann", "bob")),
                    () -> "ann and bob are there, but the node says " + users(node, room));
        }

        bob.close();
        Await.until(() -> subscriptions(toOne, room) == 2, () -> "bob's first connection is still there");
        tab.close();

        ann.await(room + " is left by bob");
        assertEquals(1, ann.about("is joined by bob").size(), ann.about(room).toString());
        assertEquals(1, ann.about("is left by bob").size(), ann.about(room).toString());
        assertEquals(Set.of("ann"), users(toTwo, room));
    }

    private static Set<String> users(Pusher node, String room) {
        return Set.copyOf(
                json(succeeded(node.get("/channels/" + room + "/users"))).findValuesAsText("id"));
    }

    private static int subscriptions(Pusher node, String channel) {
        return json(succeeded(node.get("/channels/" + channel, Map.of("info", "subscription_count"))))
                .path("subscription_count")
                .asInt();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    @Test
    void webhooks_areToldOnceWhicheverNode() throws Exception {
        List<String> rooms = new ArrayList<>();
        List<String> story = List.of(
                "channel_occupied",
                "member_added",
                "member_added",
                "member_removed",
                "member_removed",
                "channel_vacated");
        for (int i = 0; i < 6; i++) {
            String room = "presence-told-" + i;
            rooms.add(room);
            JavaPusher ann = pusher(i % 2 == 0 ? one : two, "ann").subscribed(room);
            JavaPusher bob = pusher(i % 3 == 0 ? one : two, "bob").subscribed(room);
            ann.await(room + " is joined by bob {\"name\":\"It is bob\"}");
            ann.close();
            bob.close();
        }
        for (String room : rooms) {
            Await.until(() -> told(room).size() >= story.size(), () -> room + " is told of: " + told(room));
        }
        for (String room : rooms) {
            assertEquals(story, told(room), room);
        }
        assertEquals(List.of(), application.invalid());
    }

    /** What webhooks told of a channel, but for the counts. */
    private List<String> told(String channel) {
        List<String> names = new ArrayList<>();
        for (String body : application.valid()) {
            for (JsonNode event : json(body).get("events")) {
                String name = event.get("name").asText();
                if (event.get("channel").asText().equals(channel) && !name.equals("subscription_count")) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    @Test
    void killedNode_itsMembersLeaveOnceAndItComesBack() throws Exception {
        String room = "presence-killed";
        NodeClient first = client(one);
        EventStream watcher = open(first.stream(first.token("ann", "room.killed")));
        JavaPusher ann = pusher(one, "ann").subscribed(room);
        NodeClient second = client(two);
        EventStream member = open(second.stream(second.token("bob", "room.killed")));
        JavaPusher bob = pusher(two, "bob").subscribed(room);
        watcher.until("event: pushy:join");
        ann.await(room + " is joined by bob {\"name\":\"It is bob\"}");
        Await.until(() -> told(room).size() == 3, () -> "webhooks told of: " + told(room));
        awaitNothingToTell(); // or it is told again if the node that tells is the one that is killed

        long killed = System.nanoTime();
        two.kill();
        ann.await(room + " is left by bob");
        assertWithin30Seconds("Pusher clients heard that he left", killed);
        watcher.until("event: pushy:leave");
        assertWithin30Seconds("native clients heard that he left", killed);
        bob.close();
        member.close();
        first.awaitAnswer("/presence/room.killed", 200, "\"count\":1");
        assertEquals(Set.of("ann"), users(toOne, room));
        Await.until(() -> told(room).contains("member_removed"), () -> "webhooks told of: " + told(room));

        two.startAgain();
        second.awaitReadiness(200);
        JavaPusher again = pusher(two, "bob").subscribed(room);
        again.await(room + " has ann, bob");
        ann.await(room + " is joined by bob {\"name\":\"It is bob\"}", 2);
        again.close();
        ann.close();
        Await.until(() -> told(room).contains("channel_vacated"), () -> "webhooks told of: " + told(room));
        assertEquals(
                List.of(
                        "channel_occupied",
                        "member_added",
                        "member_added",
                        "member_removed",
                        "member_added",
                        "member_removed",
                        "member_removed",
                        "channel_vacated"),
                told(room));
    }

    /** What the specification promises: a lease of 15 s, looked after every 5 s, and for native clients 3 s of grace. */
    private static void assertWithin30Seconds(String what, long since) {
        Duration passed = Duration.ofNanos(System.nanoTime() - since);
        assertTrue(passed.compareTo(Duration.ofSeconds(30)) <= 0, () -> what + " only after " + passed);
    }

    private void awaitNothingToTell() throws Exception {
        client(one).awaitMetric("pushy_presence_outbox 0.0");
        client(two).awaitMetric("pushy_presence_outbox 0.0");
    }

    /** How many transitions a node has told. */
    private static double transitions(NodeClient node) {
        try {
            return node.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("pushy_presence_transitions_total "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                    .sum();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void nodeKilledThatHoldsWebhooksBack_theOtherTellsThem() throws Exception {
        String probe = "presence-probe";
        awaitNothingToTell();
        NodeClient first = client(one);
        double toldByFirst = transitions(first);
        pusher(one, "ann").subscribed(probe).await(probe + " has ann");
        Await.until(() -> told(probe).size() == 2, () -> "webhooks told of: " + told(probe));
        AppsServer teller = transitions(first) > toldByFirst ? one : two;
        AppsServer survivor = teller == one ? two : one;
        NodeClient telling = client(teller);
        NodeClient other = client(survivor);
        String room = "presence-held";
        JavaPusher bob = pusher(survivor, "bob").subscribed(room);
        bob.await(room + " has bob");
        Await.until(() -> told(room).size() == 2, () -> "webhooks told of: " + told(room));
        awaitNothingToTell();

        double before = transitions(telling);
        double beforeByOther = transitions(other);
        bob.close();
        Await.until(() -> transitions(telling) >= before + 2, () -> "nobody tells that bob left");
        teller.kill();
        try {
            Await.until(
                    () -> told(room).contains("channel_vacated") || transitions(other) > beforeByOther,
                    () -> "nobody takes the place of the one that told");
            Await.until(
                    () -> told(room).containsAll(Set.of("member_removed", "channel_vacated")),
                    () -> "webhooks told of: " + told(room));
            assertEquals(List.of("channel_occupied", "member_added"), told(room).subList(0, 2));
        } finally {
            teller.startAgain();
            telling.awaitReadiness(200);
        }
    }

    @Test
    void restartedNode_itsClientsMissNothing() throws Exception {
        NodeClient first = client(one);
        NodeClient second = client(two);
        String token = second.token("ann", "diary");
        EventStream kept = open(first.stream(token));
        EventStream sentAway = open(second.stream(token));
        publish(first, "diary", "before");
        String cursor = sentAway.until("id: ").stream()
                .filter(line -> line.startsWith("id: "))
                .findFirst()
                .orElseThrow()
                .substring("id: ".length());
        sentAway.until("\"before\"");

        two.stop();
        sentAway.until("event: pushy:reconnect");
        publish(first, "diary", "while it is away");
        EventStream elsewhere = open(first.streamAfter(token, cursor));
        List<String> missed = elsewhere.until("\"resumed\":true");
        assertEquals(
                1, missed.stream().filter(line -> line.contains("\"data\":")).count(), missed.toString());
        assertTrue(missed.stream().anyMatch(line -> line.contains("while it is away")), missed.toString());

        two.startAgain();
        second.awaitReadiness(200);
        EventStream back = open(second.streamAfter(token, cursor));
        back.until("while it is away");
        back.until("\"resumed\":true");
        publish(second, "diary", "after");
        for (EventStream stream : List.of(kept, elsewhere, back)) {
            stream.until("\"after\"");
        }
    }
}
