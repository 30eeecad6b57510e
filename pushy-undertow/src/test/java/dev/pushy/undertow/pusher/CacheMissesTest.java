package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CacheMissesTest {
    private static final Duration LIFE = Duration.ofSeconds(10);

    private final CacheMisses misses = new CacheMisses(2);

    private boolean isNew(long at, String channel) {
        return misses.isNew(Channel.of(channel), LIFE, at);
    }

    @Test
    void miss_ofAChannelThatIsStillEmpty_isToldOnce() {
        assertTrue(isNew(0, "cache-a"));
        assertFalse(isNew(1, "cache-a"));
        assertFalse(isNew(9_999, "cache-a"));
        assertTrue(isNew(1, "cache-b"));
    }

    @Test
    void miss_ofAChannelThatWasFilled_isNew() {
        assertTrue(isNew(0, "cache-a"));
        misses.filled(Channel.of("cache-a"));
        assertTrue(misses.isEmpty());
        assertTrue(isNew(1, "cache-a"));
    }

    @Test
    void miss_afterTheLifeOfAnEventThatOthersMayHaveSent_isNew() {
        assertTrue(isNew(0, "cache-a"));
        assertTrue(isNew(10_000, "cache-a"));
        assertFalse(isNew(19_999, "cache-a"));
    }

    @Test
    void moreChannelsThanThereIsRoomFor_forgetTheFirst() {
        assertTrue(isNew(0, "cache-a"));
        assertTrue(isNew(0, "cache-b"));
        assertTrue(isNew(0, "cache-c"));
        assertFalse(isNew(0, "cache-b"));
        assertTrue(isNew(0, "cache-a"));
    }
}
