package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.ChannelPolicy;
import dev.pushy.core.Publication;
import dev.pushy.core.SlowConsumer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverflowTest {
    private final Backlog backlog = new Backlog();
    private final Overflow overflow = new Overflow(
            new EchoProtocol.PlainTexts(),
            new ChannelPolicies(
                    Map.of(
                            ChannelPattern.of("skip.*"),
                            ChannelPolicy.DEFAULT.withSlowConsumer(SlowConsumer.SKIP_OLDEST),
                            ChannelPattern.of("last.*"),
                            ChannelPolicy.DEFAULT.withSlowConsumer(SlowConsumer.CONFLATE)),
                    ChannelPolicy.DEFAULT));

    private static Publication on(String channel) {
        return Publication.of(Channel.of(channel), "0");
    }

    /** Each word is a frame: {@code channel:text} a publication, anything else a frame that must stay. */
    private void add(String... frames) {
        for (String frame : frames) {
            int colon = frame.indexOf(':');
            backlog.add(frame.getBytes(StandardCharsets.UTF_8), colon < 0 ? null : on(frame.substring(0, colon)));
        }
    }

    private List<String> frames() {
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < backlog.size(); i++) {
            frames.add(new String(backlog.frame(i), StandardCharsets.UTF_8));
        }
        return frames;
    }

    @Test
    void skip_oldest_leavesAGapInItsPlace() {
        add("open", "skip.a:1", "skip.b:1", "skip.a:2", "skip.b:2");
        assertEquals(2, overflow.skip(backlog, 0, 16, on("skip.a")));
        assertEquals(List.of("open", "gap overflow skip.a,skip.b", "skip.a:2", "skip.b:2"), frames());
    }

    @Test
    void skip_again_joinsTheGapBefore() {
        add("skip.a:1", "skip.a:2", "skip.b:1", "skip.b:2");
        overflow.skip(backlog, 0, 8, null);
        assertEquals(1, overflow.skip(backlog, 0, 8, null));
        assertEquals(1, overflow.skip(backlog, 0, 8, null));
        assertEquals(List.of("gap overflow skip.a,skip.b", "skip.b:2"), frames());
    }

    @Test
    void skip_messageOfTheChannelBetween_getsAGapOfItsOwn() {
        // Messages of news may not be skipped; the one of skip.a that has begun stays.
        add("skip.a:1", "news:1", "skip.a:2", "skip.a:3");
        assertEquals(1, overflow.skip(backlog, 1, 5, null));
        assertEquals(List.of("skip.a:1", "news:1", "gap overflow skip.a", "skip.a:3"), frames());
        backlog.removeFirst();
        add("skip.a:4", "skip.b:1");
        assertEquals(3, overflow.skip(backlog, 0, 1_000, null));
        assertEquals(List.of("news:1", "gap overflow skip.a,skip.b"), frames());
    }

    @Test
    void skip_gapHasBegun_isNotTouched() {
        add("skip.a:1", "skip.a:2", "skip.a:3");
        overflow.skip(backlog, 0, 5, null);
        assertEquals(1, overflow.skip(backlog, 1, 5, null));
        assertEquals(List.of("gap overflow skip.a", "gap overflow skip.a", "skip.a:3"), frames());
    }

    @Test
    void skip_policyDisconnect_keepsAll() {
        add("news:1", "news:2");
        assertEquals(0, overflow.skip(backlog, 0, 5, on("news")));
        assertEquals(List.of("news:1", "news:2"), frames());
    }

    @Test
    void skip_conflate_keepsTheNewestOfEachChannel() {
        add("last.a:1", "last.b:1", "last.a:2", "skip.x:1", "last.b:2", "last.c:1");
        assertEquals(3, overflow.skip(backlog, 0, 1, on("last.a")));
        assertEquals(List.of("gap overflow last.a,last.b", "skip.x:1", "last.b:2", "last.c:1"), frames());
    }

    @Test
    void skip_conflateIsNotEnough_skipsOldest() {
        add("last.a:1", "last.b:1", "last.c:1");
        assertEquals(2, overflow.skip(backlog, 0, 16, on("last.x")));
        assertEquals(List.of("gap overflow last.a,last.b", "last.c:1"), frames());
    }

    @Test
    void skip_tooManyChannels_isTooMany() {
        for (int i = 0; i <= 1_000; i++) {
            add("skip." + i + ":1");
        }
        assertEquals(Overflow.TOO_MANY, overflow.skip(backlog, 0, Integer.MAX_VALUE, null));
    }

    @Test
    void backlog_ringWraps_keepsOrder() {
        int next = 0;
        int oldest = 0;
        for (int round = 0; round < 500; round++) {
            for (int i = 0; i < round % 37; i++) {
                backlog.add(new byte[] {(byte) next++}, null);
            }
            for (int i = 0; i < round % 31 && backlog.size() > 0; i++) {
                assertEquals((byte) oldest++, backlog.frame(0)[0]);
                backlog.removeFirst();
            }
        }
        assertTrue(backlog.size() > 100);
        for (int i = 0; i < backlog.size(); i++) {
            assertEquals((byte) (oldest + i), backlog.frame(i)[0]);
        }
    }
}
