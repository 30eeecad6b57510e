package dev.pushy.undertow.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import org.junit.jupiter.api.Test;

class RequestPaceTest {
    private boolean suspended;
    private final RequestPace pace = new RequestPace(new ClientSocket() {
        @Override
        public Connection connection() {
            throw new AssertionError();
        }

        @Override
        public ClientRequest request() {
            throw new AssertionError();
        }

        @Override
        public void send(String text) {
            throw new AssertionError();
        }

        @Override
        public void close(ClientSession.CloseCode code, CloseReason reason) {
            throw new AssertionError();
        }

        @Override
        public void suspendReads() {
            assertFalse(suspended);
            suspended = true;
        }

        @Override
        public void resumeReads() {
            assertTrue(suspended);
            suspended = false;
        }
    });

    @Test
    void texts_thatWait_stopReadingAndComeInOrder() {
        assertTrue(pace.keep("a"));
        assertTrue(pace.keep("b"));
        assertTrue(suspended);
        assertEquals("a", pace.next());
        assertEquals("b", pace.next());
        assertTrue(suspended);
        assertNull(pace.next());
        assertFalse(suspended);
    }

    @Test
    void texts_beyondTheBound_areNotKept() {
        for (int i = 0; i < 1_024; i++) {
            assertTrue(pace.keep("x"));
        }
        assertFalse(pace.keep("x"));
    }

    @Test
    void requests_withoutAnswers_stopReadingUntilOneIsAnswered() {
        for (int i = 0; i < 63; i++) {
            pace.asked();
        }
        assertFalse(suspended);
        pace.asked();
        assertTrue(suspended);
        pace.answered();
        assertFalse(suspended);
    }
}
