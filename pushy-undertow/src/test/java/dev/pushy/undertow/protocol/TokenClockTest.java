package dev.pushy.undertow.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.EventLoop;
import dev.pushy.core.Grant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenClockTest {
    private static final long NOW = 1_767_225_600;

    private final FakeLoop loop = new FakeLoop();
    private final List<String> told = new ArrayList<>();
    private final SessionSettings settings = new SessionSettings(
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Runnable::run,
            () -> Instant.ofEpochMilli(NOW * 1_000 + loop.now),
            () -> false);
    private final TokenClock clock = new TokenClock(loop, settings, new TokenClock.Listener() {
        @Override
        public void onTokenExpiring() {
            told.add("expiring at " + loop.now / 1_000);
        }

        @Override
        public void onTokenExpired() {
            told.add("expired at " + loop.now / 1_000);
        }
    });

    private static Grant grant(Long expiresIn) {
        List<ChannelPattern> none = List.of();
        return new Grant("default", "ann", none, none, "null", null, null, expiresIn == null ? null : NOW + expiresIn);
    }

    /** One timer at a time, and a time of its own. */
    private static final class FakeLoop implements EventLoop {
        private long now;
        private long due;
        private Runnable task;

        @Override
        public boolean inEventLoop() {
            return true;
        }

        @Override
        public void execute(Runnable run) {
            run.run();
        }

        @Override
        public Timer schedule(Runnable run, long millis) {
            assertEquals(null, task, "a second timer");
            task = run;
            due = now + millis;
            return () -> task = null;
        }

        void runAll() {
            while (task != null) {
                Runnable run = task;
                task = null;
                now = due;
                run.run();
            }
        }
    }

    @Test
    void token_ofADay_warnsHalfAMinuteBeforeItsExpiryAndEndsWithTheLeeway() {
        clock.watch(grant(86_410L));
        loop.runAll();
        assertEquals(List.of("expiring at 86370", "expired at 86410"), told);
    }

    @Test
    void token_thatIsNearlyOver_warnsAtOnce() {
        clock.watch(grant(20L));
        loop.runAll();
        assertEquals(List.of("expiring at 0", "expired at 20"), told);
    }

    @Test
    void token_thatIsOver_endsAtOnce() {
        clock.watch(grant(-5L));
        loop.runAll();
        assertEquals(List.of("expired at 0"), told);
    }

    @Test
    void token_withoutAnExpiry_needsNoTimer() {
        clock.watch(grant(null));
        assertEquals(null, loop.task);
    }

    @Test
    void newToken_takesTheOldOnesPlace() {
        clock.watch(grant(100L));
        clock.watch(grant(200L));
        loop.runAll();
        assertEquals(List.of("expiring at 160", "expired at 200"), told);
    }

    @Test
    void stop_endsTheTimer() {
        clock.watch(grant(100L));
        clock.stop();
        loop.runAll();
        assertEquals(List.of(), told);
    }
}
