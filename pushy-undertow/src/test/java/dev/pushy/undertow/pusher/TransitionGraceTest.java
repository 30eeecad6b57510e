package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.PresenceStore.Transition;
import dev.pushy.core.PresenceStore.Transition.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TransitionGraceTest {
    private final List<String> told = new ArrayList<>();
    private final TransitionGrace grace = new TransitionGrace(Duration.ofSeconds(3), 100, this::hear);
    private int ids;

    private void hear(Transition transition, Delivery delivery) {
        delivery.end();
        told.add((transition.kind() + " " + transition.channel() + " " + transition.subject()).strip());
    }

    private void take(long at, Kind kind, String channel, String subject) {
        take(at, new Transition("t" + ids++, kind, Channel.of(channel), subject, 0));
    }

    private CompletableFuture<Void> take(long at, Transition transition) {
        return take(grace, at, transition);
    }

    private static CompletableFuture<Void> take(TransitionGrace grace, long at, Transition transition) {
        Delivery delivery = new Delivery();
        grace.take(transition, delivery, at);
        return delivery.stage().toCompletableFuture();
    }

    private static Transition transition(String id, Kind kind, String channel, String subject) {
        return new Transition(id, kind, Channel.of(channel), subject, 0);
    }

    /** One that another node may have told. */
    private static Transition again(String id, Kind kind, String channel, String subject) {
        return new Transition(id, kind, Channel.of(channel), subject, 0, true);
    }

    private void assertTold(String... expected) {
        assertEquals(Arrays.asList(expected), told);
    }

    @Test
    void w02_channelThatIsOccupiedAgainInTime_tellsNeither() {
        take(0, Kind.VACATED, "a", "");
        take(2_999, Kind.OCCUPIED, "a", "");
        grace.settle(100_000);
        assertTold();
        assertTrue(grace.isEmpty());
    }

    @Test
    void w02_memberThatIsBackInTime_tellsNeither() {
        take(0, Kind.LEFT, "a", "u1");
        take(2_000, Kind.JOINED, "a", "u1");
        grace.settle(100_000);
        assertTold();
    }

    @Test
    void w02_otherMembersAndChannels_takeNothingBack() {
        take(0, Kind.LEFT, "a", "u1");
        take(1, Kind.JOINED, "a", "u2");
        take(2, Kind.VACATED, "b", "");
        take(3, Kind.OCCUPIED, "a", "");
        grace.settle(100_000);
        assertTold("OCCUPIED a", "JOINED a u2", "LEFT a u1", "VACATED b");
    }

    @Test
    void w03_channelThatStaysVacated_isToldOnceAfterThreeSeconds() {
        take(0, Kind.VACATED, "a", "");
        grace.settle(2_999);
        assertTold();
        assertFalse(grace.isEmpty());
        grace.settle(3_000);
        grace.settle(10_000);
        assertTold("VACATED a");
        take(10_001, Kind.OCCUPIED, "a", "");
        assertTold("VACATED a", "OCCUPIED a");
    }

    @Test
    void w03_lastMember_leavesBeforeTheChannelIsVacated_whicheverCameFirst() {
        take(0, Kind.VACATED, "a", "");
        take(400, Kind.LEFT, "a", "u1");
        grace.settle(100_000);
        assertTold("LEFT a u1", "VACATED a");
    }

    @Test
    void firstMember_joinsAfterTheChannelIsOccupied_whicheverCameFirst() {
        take(0, Kind.JOINED, "a", "u1");
        take(10, Kind.JOINED, "a", "u2");
        assertTold();
        take(400, Kind.OCCUPIED, "a", "");
        assertTold("OCCUPIED a", "JOINED a u1", "JOINED a u2");
    }

    @Test
    void memberThatJoins_waitsNotLongerThanTheRest() {
        take(0, Kind.JOINED, "a", "u1");
        grace.settle(499);
        assertTold();
        grace.settle(500);
        assertTold("JOINED a u1");
    }

    @Test
    void memberThatJoinedAndLeft_isToldBoth() {
        take(0, Kind.JOINED, "a", "u1");
        take(100, Kind.LEFT, "a", "u1");
        take(200, Kind.JOINED, "a", "u1");
        take(300, Kind.LEFT, "a", "u1");
        grace.settle(100_000);
        assertTold("JOINED a u1", "LEFT a u1");
    }

    @Test
    void release_tellsOfThoseWhoJoined_beforeSomethingElse() {
        take(0, Kind.JOINED, "a", "u1");
        take(0, Kind.JOINED, "b", "u2");
        grace.release(Channel.of("a"));
        assertTold("JOINED a u1");
        grace.release(Channel.of("a"));
        grace.settleAll();
        assertTold("JOINED a u1", "JOINED b u2");
    }

    @Test
    void transitionToldAgain_isDropped() {
        Transition occupied = new Transition("x", Kind.OCCUPIED, Channel.of("a"), "", 0);
        take(0, occupied);
        CompletableFuture<Void> second = take(10_000, occupied);
        assertTold("OCCUPIED a");
        assertTrue(second.isDone());
    }

    @Test
    void transitionToldAgainWhileItWaits_isDoneWhenTheFirstIs() {
        Transition vacated = transition("x", Kind.VACATED, "a", "");
        CompletableFuture<Void> first = take(0, vacated);
        CompletableFuture<Void> second = take(1_000, vacated);
        assertFalse(first.isDone());
        assertFalse(second.isDone());
        grace.settle(3_000);
        assertTold("VACATED a");
        assertTrue(first.isDone());
        assertTrue(second.isDone());
    }

    @Test
    void whatIsTakenBack_isDone_theLeaveFirst() {
        List<String> done = new ArrayList<>();
        Delivery left = new Delivery();
        Delivery joined = new Delivery();
        left.stage().thenRun(() -> done.add("left"));
        joined.stage().thenRun(() -> done.add("joined"));
        grace.take(transition("l", Kind.LEFT, "a", "u1"), left, 0);
        assertEquals(List.of(), done);
        grace.take(transition("j", Kind.JOINED, "a", "u1"), joined, 10);
        assertEquals(List.of("left", "joined"), done);
        assertTold();
    }

    @Test
    void secondLeaveInARow_isDone_andTheFirstIsTold() {
        CompletableFuture<Void> first = take(0, transition("l1", Kind.LEFT, "a", "u1"));
        CompletableFuture<Void> second = take(10, transition("l2", Kind.LEFT, "a", "u1"));
        assertFalse(first.isDone());
        assertTrue(second.isDone());
        grace.settleAll();
        assertTold("LEFT a u1");
        assertTrue(first.isDone());
    }

    @Test
    void whatAnotherNodeMayHaveTold_isToldThoughItIsOver() {
        take(0, again("v", Kind.VACATED, "a", ""));
        take(1, again("l", Kind.LEFT, "a", "u1"));
        take(2, again("o", Kind.OCCUPIED, "a", ""));
        assertTold("LEFT a u1", "VACATED a", "OCCUPIED a");
        take(3, transition("j", Kind.JOINED, "a", "u1"));
        grace.settleAll();
        assertTold("LEFT a u1", "VACATED a", "OCCUPIED a", "JOINED a u1");
    }

    @Test
    void memberOfWhomAnotherNodeMayHaveTold_leavesAndJoins() {
        take(0, again("l", Kind.LEFT, "a", "u1"));
        take(1, transition("j", Kind.JOINED, "a", "u1"));
        take(2, transition("l2", Kind.LEFT, "a", "u2"));
        take(3, transition("j2", Kind.JOINED, "a", "u2"));
        grace.settleAll();
        assertTold("LEFT a u1", "JOINED a u1");
    }

    @Test
    void tooMuchThatWaits_isToldBeforeItsTime_theFirstFirst() {
        for (int i = 0; i < 102; i++) {
            take(i, Kind.VACATED, "c" + i, "");
        }
        assertTold("VACATED c0", "VACATED c1");
        grace.settleAll();
        assertEquals(102, told.size());
    }

    /** Whatever happens at random, what is told alternates, is in order, and is the truth at the end. */
    @Test
    void randomComingAndGoing_isToldAlternately_andRightAtTheEnd() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TransitionGrace roomy = new TransitionGrace(Duration.ofSeconds(3), 10_000, this::hear);
        Set<String> present = new HashSet<>();
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            now += random.nextInt(400);
            String user = "u" + random.nextInt(4);
            String channel = "c" + random.nextInt(3);
            boolean first = present.stream().noneMatch(member -> member.startsWith(channel));
            if (present.add(channel + user)) {
                take(roomy, now, transition("j" + i, Kind.JOINED, channel, user));
                if (first) {
                    take(roomy, now + 5, transition("o" + i, Kind.OCCUPIED, channel, ""));
                }
            } else {
                present.remove(channel + user);
                if (present.stream().noneMatch(member -> member.startsWith(channel))) {
                    take(roomy, now, transition("v" + i, Kind.VACATED, channel, ""));
                }
                take(roomy, now + 5, transition("l" + i, Kind.LEFT, channel, user));
            }
        }
        roomy.settleAll();
        Map<String, Boolean> occupied = new HashMap<>();
        Map<String, Boolean> members = new HashMap<>();
        for (String each : told) {
            String[] words = each.split(" ", -1);
            boolean positive = words[0].equals("JOINED") || words[0].equals("OCCUPIED");
            Map<String, Boolean> state = words.length == 3 ? members : occupied;
            String key = words.length == 3 ? words[1] + words[2] : words[1];
            assertFalse(positive == state.getOrDefault(key, false), "seed " + seed + ": twice " + each);
            state.put(key, positive);
            if (words.length == 3) {
                assertTrue(occupied.getOrDefault(words[1], false), "seed " + seed + ": in a vacated channel " + each);
            }
        }
        members.forEach((member, here) -> assertEquals(present.contains(member), here, "seed " + seed + ": " + member));
        assertTrue(told.size() > 1_000, "seed " + seed + ": only " + told.size() + " were told");
    }
}
