package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Gap;
import dev.pushy.core.MessageLog;
import dev.pushy.core.MessageLog.LogQuery;
import dev.pushy.core.MessageLog.LogSlice;
import dev.pushy.core.MessageLog.Start;
import dev.pushy.core.Receipt;
import dev.pushy.core.contract.Await;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** Messages that publishers were answered, that no node heard, and that Redis does not have any more. */
class AnswersTest {
    @RegisterExtension
    static final RedisSite SITE = new SingleSite(RedisServer.Kind.EMBEDDED);

    private BrokerNode publisher;
    private BrokerNode other;

    @BeforeEach
    void start() {
        try (Jedis redis = SITE.masters().get(0).connect()) {
            redis.flushAll();
        }
        publisher = node();
        other = node();
    }

    private static BrokerNode node() {
        return BrokerNode.start(BrokerNode.patient(SITE.url()).build()).awaitWell();
    }

    @AfterEach
    void end() {
        publisher.close();
        other.close();
    }

    @Test
    void answerThatRedisForgot_isAForkForWhoeverStandsBeforeIt() {
        Receipt kept = Await.get(publisher.publish("news"));
        List<byte[]> state = SITE.snapshots();
        Receipt lost = Await.get(publisher.publish("news"));
        Await.get(other.publish("news"));
        SITE.restart(state);
        Await.until(
                () -> reason(kept).filter(Gap.Reason.FORK::equals).isPresent(),
                () -> "nobody vouches for " + lost.position() + ": " + reason(kept));
        assertOneSetback(kept);
    }

    /** Both publishers vouch for theirs, and do so again with each new connection. */
    private void assertOneSetback(Receipt kept) {
        for (int times = 0; times < 3; times++) {
            cutAll();
            publisher.awaitHeard("other", publisher.subscribe("other"), other.subscribe("other"));
        }
        LogSlice slice = readAfter(kept);
        assertEquals(1, slice.setbacks());
        assertNull(read(new Start.After(slice.end())).reason());
        assertTrue(publisher.setbacks() <= 1 && other.setbacks() <= 1, "heard more than once");
    }

    private static void cutAll() {
        try (Jedis redis = SITE.masters().get(0).connect()) {
            redis.clientKill(
                    ClientKillParams.clientKillParams().type(ClientType.NORMAL).skipMe(ClientKillParams.SkipMe.YES));
            redis.clientKill(ClientKillParams.clientKillParams().type(ClientType.PUBSUB));
        }
    }

    @Test
    void answerThatRedisHas_isNoSetback() {
        Receipt kept = Await.get(publisher.publish("news"));
        Await.get(publisher.publish("news"));
        SITE.restart(SITE.snapshots());
        publisher.awaitHeard("other", publisher.subscribe("other"), other.subscribe("other"));
        LogSlice slice = readAfter(kept);
        assertNull(slice.reason());
        assertEquals(0, slice.setbacks());
    }

    /** Empty also while Redis is away. */
    private Optional<Gap.Reason> reason(Receipt kept) {
        return request(new Start.After(kept.position()))
                .handle((slice, away) -> Optional.ofNullable(slice).map(LogSlice::reason))
                .toCompletableFuture()
                .join();
    }

    private LogSlice readAfter(Receipt receipt) {
        return read(new Start.After(receipt.position()));
    }

    private LogSlice read(Start start) {
        return Await.get(request(start));
    }

    private CompletionStage<LogSlice> request(Start start) {
        MessageLog log = other.broker.log().orElseThrow();
        List<ChannelPattern> interest = List.of(ChannelPattern.of("**"));
        return log.read(new LogQuery(0, start, List.of(), interest, 100, 100, 1));
    }
}
