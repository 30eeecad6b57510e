package dev.pushy.undertow.pusher;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void tokens_areAsManyAsForASecondAndComeBackOneByOne() {
        long now = Long.MAX_VALUE - SECOND / 2;
        TokenBucket bucket = new TokenBucket(10, now);
        for (int i = 0; i < 10; i++) {
            assertTrue(bucket.take(now));
        }
        assertFalse(bucket.take(now));
        assertFalse(bucket.take(now + SECOND / 20));
        assertTrue(bucket.take(now + SECOND / 10));
        assertFalse(bucket.take(now + SECOND / 10));
        for (int i = 0; i < 10; i++) {
            assertTrue(bucket.take(now + 100 * SECOND));
        }
        assertFalse(bucket.take(now + 100 * SECOND));
    }

    @Test
    void bucketOfNone_givesNone() {
        assertFalse(new TokenBucket(0, 0).take(SECOND));
    }
}
