package dev.pushy.undertow.transport.sockjs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LastKnownTest {
    private static final URI NODE = URI.create("http://10.0.0.1:4000");
    private static final URI OTHER = URI.create("http://10.0.0.2:4000");

    private final LastKnown known = new LastKnown(10);

    @Test
    void of_aSession_isWhereItWasNotedLast() {
        known.note("s", Optional.of(NODE));
        known.note("s", Optional.of(OTHER));
        assertEquals(Optional.of(OTHER), known.of("s"));
        known.note("s", Optional.empty());
        assertEquals(Optional.empty(), known.of("s"));
        assertEquals(Optional.empty(), known.of("t"));
    }

    @Test
    void note_ofMany_forgetsThoseThatWereNotNotedAgain() {
        known.note("kept", Optional.of(NODE));
        for (int i = 0; i < 1_000; i++) {
            known.note("s" + i, Optional.of(NODE));
            if (i % 5 == 0) {
                known.note("kept", Optional.of(NODE));
            }
        }
        assertEquals(Optional.of(NODE), known.of("kept"));
        assertEquals(Optional.of(NODE), known.of("s999"));
        long left = IntStream.range(0, 1_000)
                .filter(i -> known.of("s" + i).isPresent())
                .count();
        assertEquals(true, left <= 22, () -> left + " are still known");
    }

    @Test
    void note_ofALongName_isNotKept() {
        known.note("x".repeat(257), Optional.of(NODE));
        assertEquals(Optional.empty(), known.of("x".repeat(257)));
    }
}
