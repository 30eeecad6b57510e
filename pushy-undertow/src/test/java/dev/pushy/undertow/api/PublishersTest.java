package dev.pushy.undertow.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.ChannelPattern;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublishersTest {
    private static final String OLD = "an-old-secret-of-good-length";
    private static final String NEW = "a-new-secret-of-good-length";
    /** The hash of {@code hashed-secret-of-good-length}. */
    private static final String HASHED = "sha256:" + hash("hashed-secret-of-good-length");

    private static String hash(String text) {
        try {
            byte[] digest =
                    java.security.MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return java.util.HexFormat.of().formatHex(digest);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Publisher publisher(String id, String... secrets) {
        return new Publisher("shop", id, List.of(secrets), List.of(ChannelPattern.of("shop", "orders.*")));
    }

    private static Optional<Publisher> authenticate(Publishers publishers, String id, String secret) {
        return publishers.authenticate(id, secret.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void authenticate_anySecretOfThePublisher_isGood() {
        Publishers publishers = new Publishers(List.of(publisher("a", OLD, NEW, HASHED), publisher("b", NEW)));
        for (String secret : List.of(OLD, NEW, "hashed-secret-of-good-length")) {
            assertEquals(
                    "a", authenticate(publishers, "a", secret).orElseThrow().id());
        }
        assertTrue(authenticate(publishers, "b", NEW).isPresent());
    }

    @Test
    void authenticate_wrongSecretOrUnknownId_isRefused() {
        Publishers publishers = new Publishers(List.of(publisher("a", OLD), publisher("b", NEW)));
        assertTrue(authenticate(publishers, "a", NEW).isEmpty());
        assertTrue(authenticate(publishers, "b", OLD).isEmpty());
        assertTrue(authenticate(publishers, "c", OLD).isEmpty());
        assertTrue(authenticate(publishers, "", "").isEmpty());
        assertTrue(authenticate(publishers, "a", "").isEmpty());
        assertTrue(authenticate(publishers, "a", HASHED).isEmpty());
    }

    @Test
    void publishers_withWeakOrMissingSecrets_areRefusedByName() {
        for (Publisher weak : List.of(publisher("a"), publisher("a", "short"), publisher("a", "sha256:12ab"))) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> new Publishers(List.of(weak)));
            assertTrue(e.getMessage().contains("shop/a"), e.getMessage());
            assertFalse(e.getMessage().contains("short"), e.getMessage());
        }
    }

    @Test
    void publishers_withTheSameId_areRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Publishers(List.of(publisher("a", OLD), Publisher.of("a", NEW))));
    }

    @Test
    void toString_neverShowsASecret() {
        assertEquals("Publisher[shop/a]", publisher("a", OLD).toString());
    }
}
