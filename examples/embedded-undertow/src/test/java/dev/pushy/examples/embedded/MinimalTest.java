package dev.pushy.examples.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.undertow.Undertow;
import io.undertow.server.handlers.ResponseCodeHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The lines that README.md shows: they are those of the class, and they work. */
class MinimalTest {
    private static final Path SOURCE = Path.of("src/main/java/dev/pushy/examples/embedded/Minimal.java");
    private static final Pattern JAVA_BLOCK = Pattern.compile("(?m)^```java\n(.*?)^```", Pattern.DOTALL);

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    @Test
    void javaOfReadme_isThat_ofTheClass() throws IOException {
        Matcher block = JAVA_BLOCK.matcher(Files.readString(Path.of("../../README.md")));
        assertTrue(block.find(), "README.md has no java block");
        List<String> shown = lines(block.group(1));
        String source = String.join("\n", lines(Files.readString(SOURCE)));

        assertFalse(shown.isEmpty());
        assertTrue(
                source.contains(String.join("\n", shown)),
                "README.md shows other lines than " + SOURCE + ":\n" + block.group(1));
    }

    @Test
    void application_withPushyInIt_servesBoth() throws Exception {
        Undertow server = Minimal.start(
                0,
                new ResponseCodeHandler(204),
                "a-secret-of-the-test-with-more-than-32-bytes",
                "a-secret-of-a-publisher");
        try {
            int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
            HttpRequest own = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/own"))
                    .timeout(Duration.ofSeconds(20))
                    .build();
            HttpRequest history = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + port + "/push/history/orders.42"))
                    .timeout(Duration.ofSeconds(20))
                    .headers("X-Client-ID", "backend", "X-Client-Secret", "a-secret-of-a-publisher")
                    .build();
            HttpClient client = HttpClient.newHttpClient();

            assertEquals(
                    204,
                    client.send(own, HttpResponse.BodyHandlers.discarding()).statusCode());
            String retained =
                    client.send(history, HttpResponse.BodyHandlers.ofString()).body();
            assertTrue(retained.contains("{\"state\":\"paid\"}"), retained);
        } finally {
            server.stop();
        }
    }
}
