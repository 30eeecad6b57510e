package dev.pushy.examples.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.HistoryPage;
import dev.pushy.core.HistoryQuery;
import dev.pushy.core.Pushy;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page on embedding says of several nodes, on the {@code redis-server} of the PATH. */
class JoinedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SECRET = "a-secret-of-the-test-with-more-than-32-bytes";

    @Test
    void nodes_onOneRedis_haveOneHistory(@TempDir Path folder) throws Exception {
        int port = freePort();
        Process redis = new ProcessBuilder(
                        "redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(new File(folder.toFile(), "redis.log"))
                .start();
        String url = "redis://127.0.0.1:" + port;
        try (Pushy one = Joined.start(url, SECRET);
                Pushy two = Joined.start(url, SECRET)) {
            awaitStart(one);
            awaitStart(two);

            String id = get(one.publish("orders.42", "paid")).id();

            HistoryPage page = get(two.history(Channel.of("orders.42"), new HistoryQuery(10, null, false)));
            assertEquals(1, page.messages().size());
            assertEquals(id, page.messages().get(0).id());
        } finally {
            redis.destroyForcibly().waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void awaitStart(Pushy node) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!node.isStarted()) {
            assertTrue(System.nanoTime() < deadline, () -> "the node does not start: " + node.health());
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
