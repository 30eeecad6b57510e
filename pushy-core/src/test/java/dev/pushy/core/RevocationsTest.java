package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RevocationsTest {
    private static final long NOW = 1_000_000;

    private final AtomicLong clock = new AtomicLong(NOW);
    private final Revocations revocations = new Revocations(clock::get, 80);

    private static Grant grant(String subject, String tokenId, Long issuedAt) {
        return grant("default", subject, tokenId, issuedAt);
    }

    private static Grant grant(String app, String subject, String tokenId, Long issuedAt) {
        return new Grant(app, subject, List.of(), List.of(), "null", tokenId, issuedAt, null);
    }

    private static Revocation token(String id, long at, long until) {
        return new Revocation("default", id, null, at, until);
    }

    private static Revocation subject(String subject, long at, long until) {
        return new Revocation("default", null, subject, at, until);
    }

    @Test
    void isRevoked_token_isRefusedUntilItHasNoMeaning() {
        revocations.add(token("t1", NOW, NOW + 100));
        assertTrue(revocations.isRevoked(grant("ann", "t1", NOW - 5)));
        assertTrue(revocations.isRevoked(grant("ann", "t1", NOW + 5)), "whatever its time of issue");
        assertFalse(revocations.isRevoked(grant("ann", "t2", NOW - 5)));
        assertFalse(revocations.isRevoked(grant("ann", null, NOW - 5)));
        assertFalse(revocations.isRevoked(grant("other", "ann", "t1", NOW - 5)));
        clock.set(NOW + 99);
        assertTrue(revocations.isRevoked(grant("ann", "t1", NOW - 5)));
        clock.set(NOW + 100);
        assertFalse(revocations.isRevoked(grant("ann", "t1", NOW - 5)));
    }

    @Test
    void isRevoked_subject_refusesTokensIssuedUntilThen() {
        revocations.add(subject("ann", NOW, NOW + 100));
        assertTrue(revocations.isRevoked(grant("ann", "t1", NOW - 5)));
        assertTrue(revocations.isRevoked(grant("ann", null, NOW)));
        assertTrue(revocations.isRevoked(grant("ann", null, null)), "without iat it counts as issued before");
        assertFalse(revocations.isRevoked(grant("ann", null, NOW + 1)));
        assertFalse(revocations.isRevoked(grant("bob", null, NOW - 5)));
        assertFalse(revocations.isRevoked(grant("other", "ann", null, NOW - 5)));
    }

    @Test
    void isRevoked_tokenAndSubjectOfTheSameName_areNotMixedUp() {
        revocations.add(token("ann", NOW, NOW + 100));
        assertFalse(revocations.isRevoked(grant("ann", "t1", NOW - 5)));
        revocations.add(subject("t2", NOW, NOW + 100));
        assertFalse(revocations.isRevoked(grant("bob", "t2", NOW - 5)));
        assertFalse(revocations.isRevoked(grant("", null, NOW - 5)));
    }

    @Test
    void add_weakerOfTheSameSubject_doesNotUndoTheStricter() {
        revocations.add(subject("ann", NOW, NOW + 100));
        revocations.add(subject("ann", NOW - 50, NOW + 10));
        clock.set(NOW + 50);
        assertTrue(revocations.isRevoked(grant("ann", null, NOW)));
        revocations.add(subject("ann", NOW + 50, NOW + 60));
        clock.set(NOW + 90);
        assertTrue(revocations.isRevoked(grant("ann", null, NOW + 50)));
        assertEquals(1, revocations.size());
    }

    @Test
    void add_whatHasNoMeaningAnyMore_isDropped() {
        revocations.add(token("t1", NOW - 100, NOW));
        assertEquals(0, revocations.size());
        revocations.add(token("t1", NOW, NOW + 10));
        clock.set(NOW + 70);
        revocations.add(token("t2", NOW + 70, NOW + 100));
        assertEquals(1, revocations.size(), "t1 was not pruned");
    }

    @Test
    void add_beyondTheLimit_forgetsNothing() {
        for (int i = 0; i < 500; i++) {
            revocations.add(
                    i % 2 == 0 ? token("t" + i, NOW + i, NOW + 10_000) : subject("s" + i, NOW + i, NOW + 10_000));
            assertTrue(revocations.size() <= 81, "size " + revocations.size());
        }
        clock.set(NOW + 600);
        for (int i = 0; i < 500; i++) {
            assertTrue(revocations.isRevoked(grant("x", "t" + i, NOW + i)) || i % 2 == 1, "token " + i);
            assertTrue(revocations.isRevoked(grant("s" + i, null, NOW + i)) || i % 2 == 0, "subject " + i);
        }
        assertFalse(revocations.isRevoked(grant("new", "new", NOW + 500)), "young tokens of others are refused too");
        assertFalse(revocations.isRevoked(grant("other", "new", "new", NOW)), "another app pays for it");
        assertTrue(revocations.isRevoked(grant("new", "new", NOW)), "the app's rule is not there");
        clock.set(NOW + 10_000);
        assertFalse(revocations.isRevoked(grant("new", "new", NOW)));
    }

    @Test
    void add_whileOthersAsk_neverHidesARevocation() throws Exception {
        revocations.add(token("mine", NOW, NOW + 10_000));
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            Future<?> writer = pool.submit(() ->
                    IntStream.range(0, 20_000).forEach(i -> revocations.add(token("t" + i, NOW + i, NOW + 10_000))));
            while (!writer.isDone()) {
                assertTrue(revocations.isRevoked(grant("ann", "mine", NOW)));
            }
            writer.get();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void voids_oneRevocation_asTheSetWould() {
        assertTrue(Revocations.voids(token("t1", NOW, NOW + 1), grant("ann", "t1", null)));
        assertFalse(Revocations.voids(token("t1", NOW, NOW + 1), grant("ann", "t2", null)));
        assertFalse(Revocations.voids(token("t1", NOW, NOW + 1), grant("ann", null, null)));
        assertTrue(Revocations.voids(subject("ann", NOW, NOW + 1), grant("ann", "t1", NOW)));
        assertTrue(Revocations.voids(subject("ann", NOW, NOW + 1), grant("ann", "t1", null)));
        assertFalse(Revocations.voids(subject("ann", NOW, NOW + 1), grant("ann", "t1", NOW + 1)));
        assertFalse(Revocations.voids(subject("ann", NOW, NOW + 1), grant("other", "ann", "t1", NOW)));
    }

    @Test
    void new_withoutRoom_isRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Revocations(clock::get, 0));
    }
}
