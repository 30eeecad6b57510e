package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountPaceTest {
    private final List<String> told = new ArrayList<>();
    private final CountPace pace = new CountPace(2, (channel, count) -> told.add(channel + " " + count));

    private void take(long at, String channel, int count) {
        pace.take(Channel.of(channel), count, at);
    }

    @Test
    void smallChannel_isToldEachTime() {
        take(0, "a", 1);
        take(1, "a", 2);
        take(2, "a", 100);
        assertEquals(List.of("a 1", "a 2", "a 100"), told);
        assertTrue(pace.isEmpty());
    }

    @Test
    void largeChannel_isToldOnceInFiveSeconds_withTheLastNumber() {
        for (int i = 0; i < 100; i++) {
            take(i * 100L, "a", 101 + i);
        }
        assertEquals(List.of("a 101", "a 150"), told);
        pace.settle(10_000);
        pace.settle(100_000);
        assertEquals(List.of("a 101", "a 150", "a 200"), told);
        pace.settle(200_000);
        assertTrue(pace.isEmpty());
    }

    @Test
    void channelThatBecomesSmall_isToldAtOnce() {
        take(0, "a", 101);
        take(1, "a", 102);
        take(2, "a", 100);
        pace.settle(100_000);
        assertEquals(List.of("a 101", "a 100"), told);
    }

    @Test
    void moreChannelsThanThereIsRoomFor_areToldEachTime() {
        for (String channel : List.of("a", "b", "c")) {
            take(0, channel, 200);
            take(1, channel, 201);
        }
        assertEquals(List.of("a 200", "b 200", "c 200", "c 201"), told);
        pace.settleAll();
        assertEquals(List.of("a 200", "b 200", "c 200", "c 201", "a 201", "b 201"), told);
    }
}
