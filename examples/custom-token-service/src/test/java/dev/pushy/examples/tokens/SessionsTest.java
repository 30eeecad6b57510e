package dev.pushy.examples.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;

    @Test
    void verify_sessionOfAUser_grantsTheRoomAndTheirOwnChannel() {
        Sessions sessions = new Sessions(clock, Duration.ofHours(1), 10);

        Grant grant = sessions.verify(sessions.begin("ann").orElseThrow());

        assertEquals("ann", grant.subject());
        assertEquals(List.of(ChannelPattern.of("room"), ChannelPattern.of("user.ann")), grant.subscribe());
        assertEquals(List.of(ChannelPattern.of("room")), grant.publish());
    }

    @Test
    void verify_afterItsTime_isRefused() {
        Sessions sessions = new Sessions(clock, Duration.ofHours(1), 10);
        String secret = sessions.begin("ann").orElseThrow();

        now = now.plus(Duration.ofHours(1));

        assertThrows(InvalidTokenException.class, () -> sessions.verify(secret));
    }

    @Test
    void begin_whenFull_waitsUntilASessionHasEnded() {
        Sessions sessions = new Sessions(clock, Duration.ofHours(1), 1);
        sessions.begin("ann");

        assertTrue(sessions.begin("bob").isEmpty());
        now = now.plus(Duration.ofHours(1));
        assertTrue(sessions.begin("bob").isPresent());
    }

    @Test
    void end_twice_findsNothingTheSecondTime() {
        Sessions sessions = new Sessions(clock, Duration.ofHours(1), 10);
        String secret = sessions.begin("ann").orElseThrow();

        assertEquals(sessions.verify(secret).tokenId(), sessions.end(secret).orElseThrow());
        assertTrue(sessions.end(secret).isEmpty());
        assertThrows(InvalidTokenException.class, () -> sessions.verify(secret));
    }
}
