package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PresenceGraceTest {
    private static final Channel ROOM = Channel.of("room");
    private static final Channel OTHER = Channel.of("other");

    private final Clockwork clock = new Clockwork();
    private final List<String> told = new ArrayList<>();
    private PresenceGrace grace = grace(Duration.ofSeconds(3), 100);

    private PresenceGrace grace(Duration time, int limit) {
        return new PresenceGrace(time, limit, () -> clock.now, clock::schedule, leave -> tell("-", leave));
    }

    private void tell(String sign, MemberEvent event) {
        told.add(sign + event.member().subject() + "@" + event.channel());
    }

    /** As {@link Rosters} does for those who listen by a pattern. */
    private void join(Channel channel, String subject) {
        if (!grace.cancel(channel, subject)) {
            tell("+", new Join(channel, new Member(subject, "null", 1), false));
        }
    }

    private void leave(Channel channel, String subject) {
        grace.add(new Leave(channel, new Member(subject, "null", 0), false));
    }

    private void tells(String... expected) {
        assertEquals(List.of(expected), told);
    }

    @Test
    void join_ofSomebodyNew_isToldAtOnce() {
        join(ROOM, "ann");
        tells("+ann@room");
        assertEquals(0, clock.tasks.size());
    }

    @Test
    void leave_isToldAfterTheGrace() {
        join(ROOM, "ann");
        leave(ROOM, "ann");
        clock.advance(2_999);
        tells("+ann@room");
        clock.advance(1);
        tells("+ann@room", "-ann@room");
        assertEquals(0, grace.waiting());
        assertEquals(0, clock.tasks.size());
    }

    @Test
    void comingBackInTime_isToldToNobody() {
        join(ROOM, "ann");
        leave(ROOM, "ann");
        clock.advance(2_999);
        join(ROOM, "ann");
        clock.advance(60_000);
        tells("+ann@room");
    }

    @Test
    void comingBackAndLeavingAgain_waitsAnew() {
        leave(ROOM, "ann");
        clock.advance(2_000);
        join(ROOM, "ann");
        leave(ROOM, "ann");
        clock.advance(2_000);
        tells();
        clock.advance(1_000);
        tells("-ann@room");
    }

    @Test
    void comingBackTooLate_isLeaveAndJoin() {
        leave(ROOM, "ann");
        clock.advance(3_000);
        join(ROOM, "ann");
        tells("-ann@room", "+ann@room");
    }

    @Test
    void channelsAndSubjects_areApart() {
        leave(ROOM, "ann");
        join(OTHER, "ann");
        join(ROOM, "bob");
        clock.advance(1_000);
        leave(OTHER, "ann");
        clock.advance(2_000);
        tells("+ann@other", "+bob@room", "-ann@room");
        clock.advance(1_000);
        tells("+ann@other", "+bob@room", "-ann@room", "-ann@other");
    }

    @Test
    void manyWaiting_shareOneTimer() {
        for (int i = 0; i < 50; i++) {
            leave(ROOM, "user-" + i);
            clock.advance(10);
        }
        assertEquals(1, clock.tasks.size());
        clock.advance(10_000);
        assertEquals(50, told.size());
    }

    @Test
    void leaveToldTwice_isToldOnceAndOnTime() {
        leave(ROOM, "ann");
        clock.advance(2_000);
        leave(ROOM, "ann");
        clock.advance(1_000);
        tells("-ann@room");
        clock.advance(60_000);
        tells("-ann@room");
    }

    @Test
    void moreThanTheLimit_settlesTheOldestEarly() {
        grace = grace(Duration.ofSeconds(3), 2);
        leave(ROOM, "a");
        leave(ROOM, "b");
        leave(ROOM, "c");
        tells("-a@room");
        assertEquals(2, grace.waiting());
        join(ROOM, "a");
        tells("-a@room", "+a@room");
        clock.advance(3_000);
        tells("-a@room", "+a@room", "-b@room", "-c@room");
    }

    @Test
    void noGrace_settlesAtOnce() {
        grace = grace(Duration.ZERO, 2);
        join(ROOM, "a");
        leave(ROOM, "a");
        tells("+a@room", "-a@room");
        assertEquals(0, clock.tasks.size());
    }

    @Test
    void settleNow_tellsBeforeTheTimeAndOnce() {
        leave(ROOM, "ann");
        grace.settleNow(ROOM, "ann");
        grace.settleNow(ROOM, "bob");
        tells("-ann@room");
        clock.advance(5_000);
        tells("-ann@room");
    }

    @Test
    void close_tellsNothingMore() {
        leave(ROOM, "ann");
        grace.close();
        grace.close();
        leave(ROOM, "bob");
        clock.advance(5_000);
        tells();
        assertEquals(0, clock.tasks.size());
    }

    /** Whatever comes, each subject's settled events alternate and end as the subject does. */
    @Test
    void randomComingAndGoing_alternates() {
        Random random = new Random(5);
        boolean[] present = new boolean[10];
        for (int i = 0; i < 20_000; i++) {
            int who = random.nextInt(present.length);
            if (present[who]) {
                leave(ROOM, "u" + who);
            } else {
                join(ROOM, "u" + who);
            }
            present[who] = !present[who];
            clock.advance(random.nextInt(1_200));
        }
        clock.advance(10_000);
        TreeMap<String, String> histories = new TreeMap<>();
        told.forEach(word -> histories.merge(word.substring(1), word.substring(0, 1), String::concat));
        for (int who = 0; who < present.length; who++) {
            String history = histories.get("u" + who + "@room");
            assertTrue(history.matches("(\\+-)*\\+?"), history);
            assertEquals(present[who], history.endsWith("+"));
        }
    }

    /** Time that passes when the test says so. */
    private static final class Clockwork {
        private final TreeMap<Long, Runnable> tasks = new TreeMap<>();
        private long now = 1_000;

        private EventLoop.Timer schedule(Runnable task, long millis) {
            long due = now + millis;
            assertTrue(tasks.put(due, task) == null, "two timers");
            return () -> tasks.remove(due);
        }

        private void advance(long millis) {
            long end = now + millis;
            while (!tasks.isEmpty() && tasks.firstKey() <= end) {
                now = Math.max(now, tasks.firstKey());
                tasks.pollFirstEntry().getValue().run();
            }
            now = end;
        }
    }
}
