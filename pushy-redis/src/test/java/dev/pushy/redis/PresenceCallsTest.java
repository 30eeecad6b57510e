package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.contract.Await;
import dev.pushy.redis.PresenceCalls.Standing;
import dev.pushy.redis.PresenceCalls.Update;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

class PresenceCallsTest {
    private static final Channel ROOM = Channel.of("room");
    private static final Channel OTHER = Channel.of("other");

    private final RedisServer server = RedisServer.start(RedisServer.Kind.EMBEDDED);
    private final PresenceNode node =
            PresenceNode.passive(RedisConfig.builder(server.url()).build(), Duration.ofHours(1));
    private final PresenceCalls calls =
            new PresenceCalls(node.redis, 0, Duration.ofHours(1).toMillis());

    @BeforeEach
    void register() {
        Await.get(calls.renew("n", 0, 0));
    }

    @AfterEach
    void end() {
        node.close();
        server.close();
    }

    private static Statement member(Channel channel, String subject, int count) {
        return new Statement(channel, subject, "null", count, Integer.MAX_VALUE, false);
    }

    private Update update(String name, long known, long number, Statement... statements) {
        return Await.get(calls.update(name, known, number, List.of(statements)));
    }

    @Test
    void update_thatComesAfterALaterOne_isStale() {
        assertEquals(Standing.OK, update("n", 0, 5, member(ROOM, "ann", 1)).standing());
        assertEquals(Standing.STALE, update("n", 0, 4, member(ROOM, "ann", 0)).standing());
        assertEquals(Standing.STALE, update("n", 0, 5, member(ROOM, "ann", 0)).standing());
        assertEquals(Standing.STALE, Await.get(calls.renew("n", 4, 5)).standing());
        assertEquals(List.of("ann"), node.members(ROOM));
    }

    @Test
    void update_ofWhichRedisHasSeenLessThanItAnswered_isLost() {
        assertEquals(Standing.LOST, update("n", 1, 2, member(ROOM, "ann", 1)).standing());
        assertEquals(Standing.LOST, Await.get(calls.renew("n", 1, 2)).standing());
        assertEquals(
                Standing.LOST, update("nobody", 0, 1, member(ROOM, "ann", 1)).standing());
        assertEquals(Standing.LOST, Await.get(calls.renew("nobody", 0, 1)).standing());
        assertEquals(List.of(), node.members(ROOM));
    }

    @Test
    void update_afterTheEnd_isRefused() {
        update("n", 0, 1, member(ROOM, "ann", 1));
        Await.get(calls.end("n", false));
        assertEquals(Standing.ENDED, update("n", 1, 2, member(ROOM, "bob", 1)).standing());
        assertEquals(Standing.ENDED, Await.get(calls.renew("n", 1, 2)).standing());
        assertEquals(List.of("ann"), node.members(ROOM));
        Await.get(new PresenceReaper(calls, new PresenceCounters()).takeBack("n"));
        assertEquals(List.of(), node.members(ROOM));
        assertEquals(Standing.ENDED, update("n", 1, 2, member(ROOM, "bob", 1)).standing());
    }

    @Test
    void takeBack_ofANodeThatLives_changesNothing() {
        update("n", 0, 1, member(ROOM, "ann", 1));
        assertEquals(List.of(), Await.get(calls.left("n")));
        assertEquals(
                Standing.ENDED,
                Await.get(calls.takeBack("n", List.of(Statement.none(ROOM, "ann"))))
                        .standing());
        assertEquals(List.of("ann"), node.members(ROOM));
    }

    @Test
    void end_quietly_isToldToNodesButNotToTheOutbox() {
        update("n", 0, 1, member(ROOM, "ann", 1));
        PresenceNode.awaitTold(List.of("JOINED:ann@room"), node);
        Await.get(calls.end("n", true));
        Await.get(new PresenceReaper(calls, new PresenceCounters()).takeBack("n"));
        Await.until(
                () -> node.heard().equals(List.of("+ann@room", "-ann@room")),
                () -> node.heard().toString());
        Await.get(node.join(ROOM, "bob"));
        PresenceNode.awaitTold(List.of("JOINED:ann@room", "JOINED:bob@room"), node);
    }

    @Test
    void update_keyOfTheWrongType_isTheFaultOfItsEntryAlone() {
        byte[] room = node.redis.keys().key(0, "room", ROOM);
        try (Jedis redis = server.connect()) {
            redis.set(room, new byte[] {1});
        }
        Update update = update("n", 0, 1, member(ROOM, "ann", 1), member(OTHER, "bob", 1));
        assertEquals(Standing.OK, update.standing());
        String fault = update.answers().get(0).fault();
        assertNotNull(fault);
        assertTrue(fault.contains("WRONGTYPE"), fault);
        assertNull(update.answers().get(1).fault());
        assertEquals(List.of("bob"), node.members(OTHER));
    }

    @Test
    void takeBack_keyOfTheWrongType_endsNevertheless() {
        update("n", 0, 1, member(ROOM, "ann", 1), member(OTHER, "bob", 1));
        try (Jedis redis = server.connect()) {
            byte[] room = node.redis.keys().key(0, "room", ROOM);
            redis.del(room);
            redis.set(room, new byte[] {1});
        }
        Await.get(calls.end("n", false));
        Await.get(new PresenceReaper(calls, new PresenceCounters()).takeBack("n"));
        assertEquals(List.of(), node.members(OTHER));
        assertEquals(List.of(), Await.get(calls.left("n")));
    }

    @Test
    void subjectsAndMeta_mayBeAnyText() {
        String subject = "a b,c=1\n\u0000 \u00e4\ud83d\ude00:'\"";
        String meta = "{\"t\":\"x y\\n,z=3 \u00e4\"}";
        update("n", 0, 1, new Statement(ROOM, subject, meta, 3, 10, false));
        var members = Await.get(calls.members(ROOM, null));
        assertEquals(1, members.size());
        assertEquals(subject, members.get(0).subject());
        assertEquals(meta, members.get(0).meta());
        assertEquals(3, members.get(0).connections());
        Await.get(calls.end("n", false));
        Await.get(new PresenceReaper(calls, new PresenceCounters()).takeBack("n"));
        assertEquals(List.of(), Await.get(calls.members(ROOM, null)));
        Await.until(() -> node.heard().size() == 2, () -> node.heard().toString());
        assertEquals(List.of("+" + subject + "@room", "-" + subject + "@room"), node.heard());
    }
}
