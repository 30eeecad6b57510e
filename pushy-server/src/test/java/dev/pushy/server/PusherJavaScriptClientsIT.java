package dev.pushy.server;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pusher's JavaScript clients as they are in the registry against the packaged server: pusher-js in Node and in a real
 * Chromium over each of its transports, Laravel Echo, and the server library. The checks are in src/test/js/pusher, named by
 * the behaviours of the protocol that they show.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PusherJavaScriptClientsIT {
    private NodeChecks checks;
    private AppsServer server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        checks = NodeChecks.start(JavaScriptClientsIT.scripts(), "pusher/main.mjs");
        server = AppsServer.start(folder, URI.create(checks.await("webhooks").asText()));
        checks.when("restart", () -> {
            server.restart();
            checks.tell("restarted");
            return null;
        });
        checks.when("crash", () -> {
            server.crash();
            checks.tell("restarted");
            return null;
        });
        checks.tell(Map.of(
                "base", "http://127.0.0.1:" + server.port(),
                "tlsPort", server.tlsPort(),
                "apps", AppsServer.apps()));
    }

    @AfterAll
    void stop() {
        if (checks != null) {
            checks.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> clients_ofTheRegistry_find() throws Exception {
        return checks.tests();
    }
}
