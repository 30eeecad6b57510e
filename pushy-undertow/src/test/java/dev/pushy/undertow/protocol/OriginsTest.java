package dev.pushy.undertow.protocol;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class OriginsTest {

    @Test
    void allows_whatWasNamed_whateverItsCase() {
        Origins origins = Origins.of(List.of("https://Example.com", "http://localhost:3000"));
        assertTrue(origins.allows("https://example.com"));
        assertTrue(origins.allows("http://localhost:3000"));
        assertFalse(origins.allows("http://example.com"));
        assertFalse(origins.allows("https://example.com.evil.test"));
        assertFalse(origins.allows("null"));
    }

    @Test
    void all_allowsEveryoneButNamesNobody() {
        Origins origins = Origins.of(List.of("*"));
        assertTrue(origins.allows("https://a.test"));
        assertFalse(origins.names("https://a.test"));
    }

    @Test
    void of_whatIsNoOrigin_isRefused() {
        for (String text :
                List.of("example.com", "https://example.com/", "https://example.com/path", "", "https://*")) {
            assertThrows(IllegalArgumentException.class, () -> Origins.of(List.of(text)), text);
        }
    }

    @Test
    void isSame_comparesTheHostOnly() {
        assertTrue(Origins.isSame("https://a.test:4000", "A.test:4000"));
        assertFalse(Origins.isSame("https://a.test", "b.test"));
        assertFalse(Origins.isSame("null", "a.test"));
        assertFalse(Origins.isSame("https://a.test", null));
    }
}
