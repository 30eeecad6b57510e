package dev.pushy.undertow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pushy.core.MemoryNodes;
import dev.pushy.core.PresenceStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients of the Pusher protocol on two nodes of a cluster, and while its broker is away. */
class PusherClusterTest {
    private static final PusherApiTest.Apps APPS = new PusherApiTest.Apps(List.of(
            PusherApps.app("1", "main").build(),
            PusherApps.app("2", "counted").features(PusherApps.counting()).build()));

    private final MemoryNodes nodes = new MemoryNodes();
    private final PresenceStore firstPresence = nodes.presence();
    private NodeServer first;
    private NodeServer second;
    private PusherSocket a;
    private PusherSocket b;

    @BeforeEach
    void start() {
        first = node(firstPresence);
        second = node(nodes.presence());
        a = PusherSocket.connect(first, "main-key");
        b = PusherSocket.connect(second, "main-key");
    }

    private NodeServer node(PresenceStore presence) {
        return new NodeServer(
                node -> node.broker(nodes.broker())
                        .presence(presence)
                        .retain(channel -> APPS.byTenant(channel.app())
                                .map(app -> app.cacheLife(channel))
                                .orElse(Duration.ZERO)),
                settings -> settings.apps(APPS));
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
        first.close();
        second.close();
        nodes.close();
    }

    private static void trigger(NodeServer node, String body) {
        assertEquals(
                200,
                new PusherCaller(node, "1", "main-key", "main-secret")
                        .post("/events", body)
                        .status());
    }

    private static JsonNode join(PusherSocket client, String channel, String userId) {
        String data = "{\"user_id\":\"" + userId + "\"}";
        return client.subscribed(
                channel,
                "auth",
                client.auth("main-key", "main-secret", channel, data),
                "channel_data",
                PusherSocket.json(data));
    }

    private static void signIn(PusherSocket client, String userData) {
        String signature = PusherCaller.sign("main-secret", client.id() + "::user::" + userData);
        client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":" + PusherSocket.json("main-key:" + signature)
                + ",\"user_data\":" + PusherSocket.json(userData) + "}}");
        client.next("pusher:signin_success");
    }

    @Test
    void E07_clientEvent_crossesNodes() {
        for (PusherSocket client : List.of(a, b)) {
            client.subscribed("private-e7", "auth", client.auth("main-key", "main-secret", "private-e7"));
        }
        a.send("{\"event\":\"client-t\",\"channel\":\"private-e7\",\"data\":\"x\"}");
        assertEquals("x", b.next("client-t", "private-e7").get("data").textValue());
        a.nothingElse();
    }

    @Test
    void event_exceptASocketOfAnotherNode_reachesTheOthers() {
        a.subscribed("room");
        b.subscribed("room");
        trigger(second, "{\"name\":\"e\",\"channel\":\"room\",\"data\":\"1\",\"socket_id\":\"" + a.id() + "\"}");
        trigger(second, "{\"name\":\"e\",\"channel\":\"room\",\"data\":\"2\"}");
        assertEquals("1", b.next("e").get("data").textValue());
        assertEquals("2", a.next("e").get("data").textValue());
    }

    @Test
    void presence_onTwoNodes_isOneRoster() {
        join(a, "presence-x", "u1");
        assertEquals(2, join(b, "presence-x", "u2").at("/presence/count").asInt());
        a.next("pusher_internal:member_added", "presence-x");
        try (PusherSocket tab = PusherSocket.connect(second, "main-key")) {
            join(tab, "presence-x", "u1");
            a.unsubscribe("presence-x").nothingElse();
            tab.unsubscribe("presence-x");
            JsonNode removed = b.next("pusher_internal:member_removed", "presence-x");
            assertEquals("u1", PusherSocket.data(removed).get("user_id").textValue());
        }
    }

    @Test
    void P13_nodeThatDied_takesItsMembersWithIt() {
        join(a, "presence-13", "u1");
        join(b, "presence-13", "u2");
        MemoryNodes.endLease(firstPresence);
        JsonNode removed = b.next("pusher_internal:member_removed", "presence-13");
        assertEquals("u1", PusherSocket.data(removed).get("user_id").textValue());
    }

    @Test
    void cachedEvent_triggeredOnOneNode_isReplayedOnTheOther() {
        trigger(first, "{\"name\":\"e\",\"channel\":\"cache-x\",\"data\":\"1\"}");
        b.subscribed("cache-x");
        b.next("e", "cache-x");
    }

    @Test
    void watchlistAndEventsToUsers_crossNodes() {
        signIn(b, "{\"id\":\"w\",\"watchlist\":[\"u\"]}");
        b.next("pusher_internal:watchlist_events");
        signIn(a, "{\"id\":\"u\"}");
        a.subscribed("#server-to-user-u");
        JsonNode events = PusherSocket.data(b.next("pusher_internal:watchlist_events"));
        assertEquals("online", events.at("/events/0/name").textValue());
        trigger(second, "{\"name\":\"e\",\"channel\":\"#server-to-user-u\",\"data\":\"1\"}");
        a.next("e", "#server-to-user-u");
        new PusherCaller(second, "1", "main-key", "main-secret").post("/users/u/terminate_connections", "{}");
        a.refused(4009);
        JsonNode gone = PusherSocket.data(b.next("pusher_internal:watchlist_events"));
        assertEquals("offline", gone.at("/events/0/name").textValue());
    }

    @Test
    void count_isThatOfAllNodes() {
        try (PusherSocket here = PusherSocket.connect(first, "counted-key");
                PusherSocket there = PusherSocket.connect(second, "counted-key")) {
            here.subscribed("room");
            here.counted("room", 1);
            there.subscribed("room");
            there.counted("room", 2);
            here.counted("room", 2);
        }
    }

    @Test
    void lossOfTheLog_isToldOnEachChannelThatCanBeTold() {
        signIn(a, "{\"id\":\"w\",\"watchlist\":[\"nobody\"]}");
        a.next("pusher_internal:watchlist_events");
        a.subscribed("room");
        a.subscribed("#server-to-user-w");
        a.subscribed("private-encrypted-x", "auth", a.auth("main-key", "main-secret", "private-encrypted-x"));
        trigger(first, "{\"name\":\"e\",\"channel\":\"room\",\"data\":\"1\"}");
        a.next("e", "room");
        nodes.restartEmpty();
        Set<String> told = new TreeSet<>();
        while (told.size() < 2) {
            JsonNode gap = a.next("pushy:gap");
            assertEquals("reset", PusherSocket.data(gap).get("reason").textValue());
            told.add(gap.get("channel").textValue());
        }
        assertEquals(Set.of("#server-to-user-w", "room"), told);
        trigger(first, "{\"name\":\"e\",\"channel\":\"room\",\"data\":\"2\"}");
        a.next("e", "room");
    }

    @Test
    void brokerThatIsAway_pingsAreAnsweredAndSubscriptionsCompletedLater() {
        a.subscribed("room");
        nodes.pause();
        a.subscribe("other");
        a.nothingElse();
        try (PusherSocket late = PusherSocket.connect(first, "main-key")) {
            late.subscribe("room");
            late.nothingElse();
            nodes.resume();
            late.next("pusher_internal:subscription_succeeded", "room");
            a.next("pusher_internal:subscription_succeeded", "other");
            trigger(second, "{\"name\":\"e\",\"channels\":[\"room\",\"other\"],\"data\":\"1\"}");
            late.next("e", "room");
            a.next("e");
            a.next("e");
        }
    }
}
