package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pushy.core.contract.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Three sentinels of Redis 6.2 and what they do; what becomes of messages then, {@link RedisBrokerOnSentinelTest} tests. */
class RedisSentinelTest {
    private final SentinelSite site = new SentinelSite(RedisServer.Kind.EMBEDDED, 3);
    private final LogLines log = new LogLines();
    private BrokerNode node;

    @BeforeEach
    void start() {
        site.open();
        node = BrokerNode.start(BrokerNode.impatient(site.url()).build())
                .awaitWell()
                .subscribe("news");
    }

    @AfterEach
    void end() {
        node.close();
        site.close();
        log.close();
    }

    @Test
    void masterDies_theNodeFollows_alsoWithoutTheSentinelThatItAsked() {
        node.awaitHeard("news", node);
        site.sentinels().remove(0).kill();
        site.failOver();
        node.awaitHeard("news", node);
        log.awaitLine("is no master any more");
    }

    @Test
    void masterStandsStill_theNodeFollows_andStaysWhenTheOldOneGoesOn() {
        RedisServer old = site.masters().get(0);
        RedisServer replica = site.startSynced(old);
        old.pause();
        site.elect(replica);
        node.awaitHeard("news", node);
        old.resume();
        Await.until(() -> SentinelSite.isReplica(old), () -> "the sentinels do not make the old master a replica");
        node.awaitHeard("news", node);
        try (Jedis redis = replica.connect()) {
            assertEquals(
                    3,
                    redis.clientList()
                            .lines()
                            .filter(line -> line.contains("name=pushy-"))
                            .count());
        }
    }
}
