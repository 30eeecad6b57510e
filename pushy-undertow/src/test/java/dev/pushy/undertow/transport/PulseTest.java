package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.undertow.transport.Pulse.Beat;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PulseTest {
    private static final TransportSettings SETTINGS = TransportSettings.DEFAULT.withPings(Duration.ofSeconds(25), 3);

    private long millis = Integer.MAX_VALUE - 1_000L;
    private final Pulse pulse = new Pulse(SETTINGS, () -> millis);

    @Test
    void intervals_pingEachTimeAndGiveUpAfterTwoMissed() {
        assertEquals(25_000, pulse.next());
        assertEquals(Beat.PING, pulse.beat(true));
        assertEquals(Beat.PING, pulse.beat(true));
        pulse.heard();
        assertEquals(Beat.PING, pulse.beat(true));
        assertEquals(Beat.PING, pulse.beat(true));
        assertEquals(Beat.GIVE_UP, pulse.beat(true));
        assertEquals(25_000, pulse.next());
    }

    @Test
    void intervals_whileWeDoNotRead_countNothing() {
        for (int i = 0; i < 10; i++) {
            assertEquals(Beat.PING, pulse.beat(false));
        }
    }

    @Test
    void intervals_boundThePingsOfTheClient() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 3; i++) {
                assertTrue(pulse.allowsPing());
            }
            assertFalse(pulse.allowsPing());
            pulse.beat(true);
        }
    }

    @Test
    void silence_isPingedWhenItLastedAndGivenUpWhenItLastsOn() {
        pulse.pingAfter(Duration.ofSeconds(120), Duration.ofSeconds(30));
        assertEquals(120_000, pulse.next());
        millis += 50_000;
        pulse.heard();
        millis += 70_000;
        assertEquals(Beat.WAIT, pulse.beat(true));
        assertEquals(50_000, pulse.next());
        millis += 50_000;
        assertEquals(Beat.PING, pulse.beat(true));
        assertEquals(30_000, pulse.next());
        millis += 10_000;
        pulse.heard();
        millis += 20_000;
        assertEquals(Beat.WAIT, pulse.beat(true));
        assertEquals(100_000, pulse.next());
        millis += 100_000;
        assertEquals(Beat.PING, pulse.beat(true));
        millis += 30_000;
        assertEquals(Beat.GIVE_UP, pulse.beat(true));
    }

    @Test
    void silence_whileWeDoNotRead_countsNothing() {
        pulse.pingAfter(Duration.ofSeconds(120), Duration.ofSeconds(30));
        millis += 120_000;
        assertEquals(Beat.PING, pulse.beat(true));
        millis += 30_000;
        assertEquals(Beat.WAIT, pulse.beat(false));
        assertEquals(120_000, pulse.next());
    }

    @Test
    void silence_doesNotBoundThePingsOfTheClient() {
        pulse.pingAfter(Duration.ofSeconds(120), Duration.ofSeconds(30));
        for (int i = 0; i < 100_000; i++) {
            assertTrue(pulse.allowsPing());
        }
    }
}
