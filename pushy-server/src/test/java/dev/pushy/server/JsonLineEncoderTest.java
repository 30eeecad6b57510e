package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

class JsonLineEncoderTest {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("dev.pushy.test");

    @Test
    void encode_event_isOneLineOfJson() throws IOException {
        LoggingEvent event = new LoggingEvent(
                "x", LOGGER, Level.WARN, "a \"quoted\"\nline of {}", new IllegalStateException("broken"), new Object[] {
                    "two"
                });
        event.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
        event.addKeyValuePair(new KeyValuePair("status", 200));
        event.addKeyValuePair(new KeyValuePair("bytes", 5_000_000_000L));
        event.addKeyValuePair(new KeyValuePair("path", "/a"));

        String line = new String(new JsonLineEncoder().encode(event), StandardCharsets.UTF_8);

        assertEquals(line.length() - 1, line.indexOf('\n'), line);
        JsonNode json = new ObjectMapper().readTree(line);
        assertEquals("2026-01-02T03:04:05.678Z", json.get("time").textValue());
        assertEquals("WARN", json.get("level").textValue());
        assertEquals("dev.pushy.test", json.get("logger").textValue());
        assertEquals("a \"quoted\"\nline of two", json.get("message").textValue());
        assertEquals(200, json.get("status").intValue());
        assertEquals(5_000_000_000L, json.get("bytes").longValue());
        assertEquals("/a", json.get("path").textValue());
        assertTrue(json.get("error").textValue().contains("IllegalStateException: broken"), line);
    }
}
