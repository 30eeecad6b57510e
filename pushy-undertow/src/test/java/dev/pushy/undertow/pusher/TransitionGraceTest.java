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
import org.junit.jupiter.api.Test;

class TransitionGraceTest {
    private final List<String> told = new ArrayList<>();
    private final TransitionGrace grace = new TransitionGrace(Duration.ofSeconds(3), 100, this::hear);
    private int ids;

    private void hear(Transition transition) {
        told.add((transition.kind() + " " + transition.channel() + " " + transition.subject()).strip());
    }

    private void take(long at, Kind kind, String channel, String subject) {
        grace.take(new Transition("t" + ids++, kind, Channel.of(channel), subject, 0), at);
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
        grace.take(occupied, 0);
        grace.take(occupied, 10_000);
        assertTold("OCCUPIED a");
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
                roomy.take(new Transition("j" + i, Kind.JOINED, Channel.of(channel), user, 0), now);
                if (first) {
                    roomy.take(new Transition("o" + i, Kind.OCCUPIED, Channel.of(channel), "", 0), now + 5);
                }
            } else {
                present.remove(channel + user);
                if (present.stream().noneMatch(member -> member.startsWith(channel))) {
                    roomy.take(new Transition("v" + i, Kind.VACATED, Channel.of(channel), "", 0), now);
                }
                roomy.take(new Transition("l" + i, Kind.LEFT, Channel.of(channel), user, 0), now + 5);
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
