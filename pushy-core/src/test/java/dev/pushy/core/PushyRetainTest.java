package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PushyRetainTest {
    private static Optional<Retained> retained(Pushy pushy, String channel) {
        return pushy.retained(Channel.of(channel)).toCompletableFuture().join();
    }

    @Test
    void publish_retainsTheLastMessage_ofTheChannelsThatWereNamed() {
        try (Pushy pushy = Pushy.builder()
                .retain(channel -> channel.name().startsWith("kept") ? Duration.ofMinutes(1) : Duration.ZERO)
                .start()) {
            pushy.publish("kept.a", 1);
            pushy.publish("kept.a", 2);
            pushy.publish("other", 3);
            assertEquals(
                    "2",
                    new String(
                            retained(pushy, "kept.a")
                                    .orElseThrow()
                                    .publication()
                                    .data(),
                            StandardCharsets.UTF_8));
            assertTrue(retained(pushy, "other").isEmpty());
            assertEquals(
                    Duration.ofMinutes(1), pushy.options(Channel.of("kept.b")).retain());
        }
    }

    @Test
    void publish_retainsNothing_byDefault() {
        try (Pushy pushy = Pushy.builder().start()) {
            pushy.publish("kept.a", 1);
            assertTrue(retained(pushy, "kept.a").isEmpty());
        }
    }
}
