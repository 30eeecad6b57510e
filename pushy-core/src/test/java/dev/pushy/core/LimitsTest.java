package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class LimitsTest {

    @Test
    void default_hasTheDocumentedValues() {
        Limits limits = Limits.DEFAULT;
        assertEquals(200, limits.channelLength());
        assertEquals(200, limits.eventLength());
        assertEquals(64, limits.jsonDepth());
        assertEquals(500, limits.subscriptions());
        assertEquals(100, limits.patterns());
        assertEquals(512 * 1024, limits.backlogBytes());
        assertEquals(64 * 1024, limits.clientMessageBytes());
        assertEquals(1_000, limits.historyMessages());
        assertEquals(100, limits.batch());
        assertEquals(1_000, limits.replayPerChannel());
        assertEquals(10_000, limits.replayTotal());
        assertEquals(Duration.ofSeconds(3), limits.presenceGrace());
    }

    @Test
    void build_everySetter_setsItsOwnValue() {
        Limits limits = Limits.builder()
                .channelLength(101)
                .eventLength(102)
                .jsonDepth(103)
                .subscriptions(104)
                .patterns(105)
                .backlogBytes(10_006)
                .clientMessageBytes(10_007)
                .historyMessages(108)
                .batch(109)
                .replayPerChannel(110)
                .replayTotal(111)
                .mailbox(112)
                .interestLinger(Duration.ofMillis(113))
                .presenceGrace(Duration.ofMillis(114))
                .flushGap(Duration.ofMillis(115))
                .build();
        assertEquals(
                new Limits(
                        101,
                        102,
                        103,
                        104,
                        105,
                        10_006,
                        10_007,
                        108,
                        109,
                        110,
                        111,
                        112,
                        Duration.ofMillis(113),
                        Duration.ofMillis(114),
                        Duration.ofMillis(115)),
                limits);
    }

    @Test
    void build_valueOutOfRange_isRefusedAndNamed() {
        record Case(String name, UnaryOperator<Limits.Builder> change) {}
        List<Case> cases = List.of(
                new Case("channelLength", b -> b.channelLength(0)),
                new Case("channelLength", b -> b.channelLength(Channel.MAX_LENGTH + 1)),
                new Case("eventLength", b -> b.eventLength(0)),
                new Case("jsonDepth", b -> b.jsonDepth(0)),
                new Case("subscriptions", b -> b.subscriptions(0)),
                new Case("patterns", b -> b.patterns(-1)),
                new Case("backlogBytes", b -> b.backlogBytes(1)),
                new Case("clientMessageBytes", b -> b.clientMessageBytes(124)),
                new Case("historyMessages", b -> b.historyMessages(0)),
                new Case("batch", b -> b.batch(0)),
                new Case("replayPerChannel", b -> b.replayPerChannel(0)),
                new Case("replayTotal", b -> b.replayTotal(0)),
                new Case("mailbox", b -> b.mailbox(0)),
                new Case("interestLinger", b -> b.interestLinger(Duration.ofSeconds(-1))),
                new Case("presenceGrace", b -> b.presenceGrace(Duration.ofSeconds(-1))),
                new Case("flushGap", b -> b.flushGap(Duration.ofSeconds(2))));
        for (Case each : cases) {
            Limits.Builder builder = each.change().apply(Limits.builder());
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, builder::build);
            assertTrue(refused.getMessage().startsWith(each.name()), refused.getMessage());
        }
    }
}
