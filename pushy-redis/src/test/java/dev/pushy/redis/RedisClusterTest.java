package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.contract.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/** Slots and masters that come and go; what becomes of messages then, {@link RedisBrokerOnClusterTest} tests. */
class RedisClusterTest {
    @RegisterExtension
    static final ClusterSite SITE = new ClusterSite(RedisServer.Kind.PATH, 3);

    private static final int PARTITIONS = 4;
    /** A partition in which no key is made, since nothing is published there, so that its slot can be given away. */
    private static final int UNUSED = 1;
    /** One whose slot is moved. */
    private static final int MOVING = 2;

    private static int prefixes;

    private final String prefix = "cluster" + ++prefixes + ":";
    private final Keys keys = new Keys(prefix, PARTITIONS, "test");
    private BrokerNode node;

    @BeforeEach
    void start() {
        node = BrokerNode.start(BrokerNode.impatient(SITE.url())
                        .prefix(prefix)
                        .partitions(PARTITIONS)
                        .build())
                .awaitWell();
    }

    @AfterEach
    void end() {
        node.close();
    }

    private String channel(int partition, String start) {
        int number = 0;
        while (keys.partition(Channel.of(start + number)) != partition) {
            number++;
        }
        return start + number;
    }

    @Test
    void slotIsGivenUpAndTakenBack_theLineIsUpAgain() {
        String channel = channel(UNUSED, "news");
        node.subscribe(channel);
        int slot = keys.slot(UNUSED);
        RedisServer owner = SITE.master(slot);
        RedisServer another = SITE.masters().get((SITE.masterOf(slot) + 1) % 3);
        try (Jedis redis = owner.connect();
                Jedis other = another.connect()) {
            redis.clusterSetSlotNode(slot, other.clusterMyId());
            Await.until(() -> !node.redis.isUp(UNUSED), () -> "the link does not go down without its slot");
            redis.clusterSetSlotNode(slot, redis.clusterMyId());
        }
        Await.until(() -> node.redis.isUp(UNUSED), () -> "the link does not come up again");
        node.awaitHeard(channel, node);
    }

    /** Each move ends in refused or unasked words; they must not use up what may be under way. */
    @Test
    void slotMovesUnderManySubscriptions_allAreTakenAlong() {
        List<String> channels = new ArrayList<>();
        for (int i = 0; channels.size() < 9_000; i++) {
            if (keys.partition(Channel.of("many" + i)) == MOVING) {
                channels.add("many" + i);
            }
        }
        List<CompletionStage<Void>> interests = new ArrayList<>();
        channels.forEach(channel -> interests.add(node.broker.subscribe(ChannelPattern.of(channel))));
        interests.forEach(Await::get);
        int slot = keys.slot(MOVING);
        int home = SITE.masterOf(slot);
        for (int move = 0; move < 4; move++) {
            SITE.move(slot, (SITE.masterOf(slot) + 1) % 3);
            node.awaitHeard(channels.get(move), node);
            node.awaitHeard(channels.get(channels.size() - 1 - move), node);
        }
        SITE.move(slot, home);
    }

    @Test
    void masterStandsStill_theNodeFollows_andStaysWhenTheOldOneGoesOn() {
        String channel = channel(0, "news");
        node.subscribe(channel).awaitHeard(channel, node);
        RedisServer old = SITE.masters().get(0);
        RedisServer replica = SITE.startSynced(old);
        old.pause();
        SITE.elect(replica);
        node.awaitHeard(channel, node);
        old.resume();
        Await.until(() -> isReplica(old), () -> "the old master does not become a replica");
        node.awaitHeard(channel, node);
        SITE.replaceFirst(replica);
        node.awaitHeard(channel, node);
    }

    private static boolean isReplica(RedisServer server) {
        try (Jedis redis = server.connect()) {
            return redis.clusterNodes().lines().anyMatch(line -> line.contains("myself,slave"));
        }
    }
}
