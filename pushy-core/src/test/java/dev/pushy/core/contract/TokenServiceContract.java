package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.core.TokenService;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a {@link TokenService} promises. */
public abstract class TokenServiceContract {
    private TokenService service;

    /** A service that is ready to verify. */
    protected abstract TokenService createService();

    /**
     * A good token for this grant. By default the service issues it; override it where tokens are issued elsewhere, or
     * throw {@link UnsupportedOperationException} to have the tests that need one reported as aborted.
     */
    protected String issue(TokenService issuer, Grant grant) {
        return issuer.issue(grant);
    }

    @BeforeEach
    void create() {
        service = createService();
    }

    private String issue(Grant grant) {
        try {
            return issue(service, grant);
        } catch (UnsupportedOperationException e) {
            return Assumptions.abort("this service issues no tokens: " + e.getMessage());
        }
    }

    private static Grant grant() {
        return Grant.of("ann", List.of(ChannelPattern.of("news.**"), ChannelPattern.of("chat.1")));
    }

    @Test
    void verify_issuedToken_givesTheGrantBack() {
        Grant verified = service.verify(issue(grant()));
        assertEquals("ann", verified.subject());
        assertEquals(Channel.DEFAULT_APP, verified.app());
        assertEquals(grant().subscribe(), verified.subscribe());
        assertEquals(grant().publish(), verified.publish());
        assertEquals("null", verified.meta());
    }

    @Test
    void verify_issuedTwice_isTheSameGrantEachTime() {
        String token = issue(grant());
        assertEquals(service.verify(token), service.verify(token));
    }

    @Test
    void verify_changedToken_isRefused() {
        String token = issue(grant());
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            int at = random.nextInt(token.length() - 4); // the last digits of base 64 may have unused bits
            char other = token.charAt(at) == 'A' ? 'B' : 'A';
            assertRefused(token.substring(0, at) + other + token.substring(at + 1));
        }
    }

    @Test
    void verify_partOfToken_isRefused() {
        String token = issue(grant());
        for (int length = 0; length < token.length() - 4; length += 3) {
            assertRefused(token.substring(0, length));
        }
    }

    @Test
    void verify_garbage_isRefused() {
        for (String garbage : List.of("", " ", ".", "..", "...", "a.b.c", "null", "\u0000", "ä.ö.ü", "Bearer x")) {
            assertRefused(garbage);
        }
        Random random = new Random(4);
        for (int round = 0; round < 500; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                text.append((char) (random.nextBoolean() ? '.' : random.nextInt(0x300)));
            }
            assertRefused(text.toString());
        }
    }

    @Test
    void verify_hugeToken_isRefused() {
        assertRefused("a".repeat(10_000_000));
        assertRefused("a.".repeat(1_000_000));
    }

    @Test
    void verify_manyAtOnce_eachGetsItsOwn() throws Exception {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tokens.add(issue(Grant.of("user-" + i, List.of(ChannelPattern.of("own." + i)))));
        }
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String subject = "user-" + i;
                String token = tokens.get(i);
                tasks.add(() -> {
                    for (int round = 0; round < 100; round++) {
                        assertEquals(subject, service.verify(token).subject());
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void issue_sameGrantTwice_givesTokensOfTheirOwnIds() {
        Grant first = service.verify(issue(grant()));
        Grant second = service.verify(issue(grant()));
        Assumptions.assumeTrue(first.tokenId() != null, "tokens of this service have no id and cannot be revoked");
        assertNotEquals(first.tokenId(), second.tokenId());
    }

    /** Refused, and the message does not show the token. */
    protected final void assertRefused(String token) {
        InvalidTokenException refused =
                assertThrows(InvalidTokenException.class, () -> service.verify(token), "accepted: " + token);
        assertNotNull(refused.getMessage());
        if (token.length() > 8) {
            assertFalse(refused.getMessage().contains(token), "the message shows the token");
        }
    }
}
