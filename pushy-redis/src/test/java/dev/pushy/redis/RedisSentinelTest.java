package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/** Three sentinels of Redis 6.2 and what they do; what becomes of messages then, {@link RedisBrokerOnSentinelTest} tests. */
class RedisSentinelTest {
    @RegisterExtension
    static final SentinelSite SITE = new SentinelSite(RedisServer.Kind.EMBEDDED, 3);

    private final LogLines log = new LogLines();
    private BrokerNode node;

    @BeforeEach
    void start() {
        node = BrokerNode.start(BrokerNode.impatient(SITE.url()).build())
                .awaitWell()
                .subscribe("news");
    }

    @AfterEach
    void end() {
        node.close();
        log.close();
    }

    @Test
    void masterDies_theNodeFollows_alsoWithoutTheSentinelThatItAsked() {
        node.awaitHeard("news", node);
        SITE.sentinels().remove(0).kill();
        SITE.failOver();
        node.awaitHeard("news", node);
        log.awaitLine("is no master any more");
    }

    @Test
    void masterStandsStill_theNodeFollows_andStaysWhenTheOldOneGoesOn() {
        RedisServer old = SITE.masters().get(0);
        RedisServer replica = SITE.startSynced(old);
        old.pause();
        SITE.elect(replica);
        node.awaitHeard("news", node);
        old.resume();
        Await.until(() -> SentinelSite.isReplica(old), () -> "the sentinels do not make the old master a replica");
        node.awaitHeard("news", node);
        Await.until(() -> connections(replica) == 3, () -> connections(replica) + " connections to the new master");
        SITE.replaceFirst(replica);
    }

    /** A link, a lane for publishes and one for reads. */
    private static long connections(RedisServer server) {
        try (Jedis redis = server.connect()) {
            return redis.clientList()
                    .lines()
                    .filter(line -> line.contains("name=pushy-"))
                    .count();
        }
    }
}
