package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PublishOptionsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void isLogged_onlyWithRoomTimeAndLife_isTrue() {
        assertTrue(new PublishOptions(1, MINUTE).isLogged());
        assertFalse(new PublishOptions(0, MINUTE).isLogged());
        assertFalse(new PublishOptions(1, Duration.ZERO).isLogged());
        assertFalse(new PublishOptions(1, MINUTE, Duration.ZERO, null).isLogged());
        assertFalse(PublishOptions.LIVE_ONLY.isLogged());
    }

    @Test
    void new_negativeValues_areRefused() {
        Duration negative = Duration.ofSeconds(-1);
        assertThrows(IllegalArgumentException.class, () -> new PublishOptions(-1, MINUTE));
        assertThrows(IllegalArgumentException.class, () -> new PublishOptions(1, negative, MINUTE, null));
        assertThrows(IllegalArgumentException.class, () -> new PublishOptions(1, MINUTE, negative, null));
    }

    @Test
    void withKey_ofTheWrongLength_isInvalidAndNamesTheLimit() {
        PublishOptions options = new PublishOptions(10, MINUTE);
        assertEquals("k".repeat(200), options.withKey("k".repeat(200)).key());
        for (String key : new String[] {"", "k".repeat(201)}) {
            PublishException refused = assertThrows(PublishException.class, () -> options.withKey(key));
            assertEquals(PublishException.Outcome.INVALID, refused.outcome());
            assertTrue(refused.getMessage().contains("200"), refused.getMessage());
        }
    }

    @Test
    void withKey_keepsTheRest() {
        PublishOptions options = new PublishOptions(10, MINUTE, Duration.ofSeconds(5), null).withKey("k");
        assertEquals(new PublishOptions(10, MINUTE, Duration.ofSeconds(5), "k"), options);
    }
}
