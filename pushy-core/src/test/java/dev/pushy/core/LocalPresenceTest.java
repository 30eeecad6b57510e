package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class LocalPresenceTest {
    private static final Channel ROOM = Channel.of("room");

    private final VirtualTime time = new VirtualTime(1, 1);
    private final Store store = new Store();
    private final LocalPresence presence = new LocalPresence(store, time.timers());
    private final List<String> answers = new ArrayList<>();

    private Membership join(String meta, int most) {
        return presence.join(ROOM, new Member("ann", meta, 0), most, fits -> answers.add(meta + " " + fits));
    }

    private Membership join(String meta) {
        return join(meta, 9);
    }

    @Test
    void join_severalConnections_countIsToldWithWhatTheFirstSaid() {
        Membership first = join("1");
        store.answer(true);
        Membership second = join("2");
        store.answer(true);
        first.leave();
        store.answer(true);
        second.leave();
        store.answer(true);
        second.leave();

        store.heard("1 x1 of 9", "1 x2", "1 x1", "1 x0");
        assertEquals(List.of("1 true", "2 true"), answers);
        join("3");
        store.heard("3 x1 of 9");
    }

    @Test
    void join_whileTheStoreThinks_isToldTogetherBehindIt() {
        join("1");
        join("2");
        Membership third = join("3");
        third.leave();
        join("4");
        store.heard("1 x1 of 9");
        store.answer(true);
        store.heard("1 x3");
        assertEquals(List.of("1 true"), answers);
        store.answer(true);
        store.heard();
        assertEquals(List.of("1 true", "2 true", "4 true"), answers);
    }

    @Test
    void join_channelIsFull_allWhoAskedAreRefusedAndNothingIsLeftBehind() {
        Membership first = join("1", 1);
        store.answer(false);
        first.leave();
        store.heard("1 x1 of 1");
        join("2", 1);
        join("3", 1);
        store.answer(false);
        store.answer(false);
        store.heard("2 x1 of 1", "3 x1 of 1");
        assertEquals(List.of("1 false", "2 false", "3 false"), answers);
    }

    @Test
    void lastLeavesAndAnotherComes_theLeaveIsToldBetween() {
        Membership first = join("1");
        store.answer(true);
        first.leave();
        Membership second = join("2");
        store.answer(true);
        second.leave();
        join("3");
        for (int i = 0; i < 4; i++) {
            store.answer(true);
        }
        store.heard("1 x1 of 9", "1 x0", "2 x1 of 9", "2 x0", "3 x1 of 9");
        assertEquals(List.of("1 true", "3 true"), answers);
    }

    @Test
    void leave_beforeTheStoreAnswered_takesBackWhatItHeard() {
        join("1").leave();
        store.answer(true);
        store.answer(true);
        store.heard("1 x1 of 9", "1 x0");
        join("2").leave();
        store.answer(false);
        store.heard("2 x1 of 9");
        assertEquals(List.of(), answers);
    }

    @Test
    void storeIsAway_isToldAgainUntilItHasHeard() {
        Membership first = join("1");
        store.fail();
        join("2");
        time.runUntil(time.now() + 1_000);
        store.fail();
        time.runUntil(time.now() + 1_000);
        store.answer(true);
        first.leave();
        store.fail();
        time.runUntil(time.now() + 1_000);
        store.answer(true);
        store.heard("1 x1 of 9", "1 x2 of 9", "1 x2 of 9", "1 x1", "1 x1");
        assertEquals(List.of("1 true", "2 true"), answers);
    }

    @Test
    void storeIsAway_whoLeftMeanwhileIsTakenBack() {
        Membership first = join("1");
        store.fail();
        first.leave();
        time.runUntil(time.now() + 1_000);
        store.answer(true);
        store.heard("1 x1 of 9", "1 x0");
        time.runUntil(time.now() + 10_000);
        store.heard();
    }

    /** Whatever comes, the store is asked one thing at a time, and knows how many there are when all is quiet. */
    @Test
    void random_storeKnowsInTheEnd() {
        Random random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            List<Membership> there = new ArrayList<>();
            for (int step = random.nextInt(12); step >= 0; step--) {
                switch (random.nextInt(5)) {
                    case 0, 1 ->
                        there.add(presence.join(
                                ROOM, new Member("ann", "null", 0), Integer.MAX_VALUE, fits -> assertTrue(fits)));
                    case 2 -> {
                        if (!there.isEmpty()) {
                            there.remove(random.nextInt(there.size())).leave();
                        }
                    }
                    case 3 -> store.answer(true);
                    default -> store.fail();
                }
                time.runUntil(time.now() + random.nextInt(2_000));
            }
            store.settle(time);
            assertEquals(there.size(), store.count);
            there.forEach(Membership::leave);
            store.settle(time);
            assertEquals(0, store.count);
        }
    }

    /** Answers when the test says so, one question at a time. */
    private static final class Store implements PresenceStore {
        private final List<String> heard = new ArrayList<>();
        private final ArrayDeque<CompletableFuture<Boolean>> asked = new ArrayDeque<>();
        private final ArrayDeque<Member> told = new ArrayDeque<>();
        private int count;

        void heard(String... expected) {
            assertEquals(List.of(expected), heard);
            heard.clear();
        }

        void answer(boolean fits) {
            CompletableFuture<Boolean> next = asked.poll();
            if (next != null) {
                Member member = told.remove();
                count = fits ? member.connections() : count;
                next.complete(fits);
            }
        }

        void fail() {
            CompletableFuture<Boolean> next = asked.poll();
            if (next != null) {
                told.remove();
                next.completeExceptionally(new UnavailableException("as the test wants it"));
            }
        }

        void settle(VirtualTime time) {
            for (int i = 0; i < 10; i++) {
                answer(true);
                time.runUntil(time.now() + 2_000);
            }
        }

        @Override
        public CompletionStage<Boolean> update(Channel channel, Member member, int most) {
            assertFalse(asked.size() > 0, "two questions at once");
            heard.add(member.meta() + " x" + member.connections() + (most == Integer.MAX_VALUE ? "" : " of " + most));
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            asked.add(answer);
            told.add(member);
            return answer;
        }

        @Override
        public void start(Listener listener) {}

        @Override
        public CompletionStage<Void> update(Channel channel, int subscribers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<List<Member>> members(Channel channel) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<List<Member>> members(Channel channel, long marker) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Integer> memberCount(Channel channel) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Map<String, Integer>> occupied(String app, String prefix) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Integer> subscriberCount(Channel channel) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
