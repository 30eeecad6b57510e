package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that are not ours against the packaged server: the EventSource and WebSocket of a real Chromium, and the npm
 * package ws. The scenarios are in src/test/js; each prints the seed of what is random in it, and takes one as SEED.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JavaScriptClientsIT {
    private static final Path SCRIPTS = Path.of("src/test/js");

    private ServerProcess server;

    /** The folder of the scripts, with the packages that they need. */
    static Path scripts() {
        assertTrue(
                Files.isDirectory(SCRIPTS.resolve("node_modules/playwright-core")),
                "the packages of " + SCRIPTS + " are missing: run bin/check, which installs them (or npm ci there)");
        return SCRIPTS;
    }

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Command.require("node");
        server = ServerProcess.runJar(
                ServerJarIT.jar(), folder, Map.of(), "start", "--dev", "--port", "0", "--set", "websocket.ping=3s");
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static void play(String scenario, ServerProcess server) throws Exception {
        System.out.print(Command.run(scripts(), "node", "run.mjs", scenario, "http://127.0.0.1:" + server.port()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eventsource-messages",
                "eventsource-checkpoint",
                "eventsource-cuts",
                "eventsource-ended",
                "eventsource-gap",
                "eventsource-refused",
            })
    void eventSource_ofChromium_playsScenario(String scenario) throws Exception {
        play(scenario, server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"browser-websocket-chat", "browser-websocket-cuts", "browser-websocket-refusals"})
    void webSocket_ofChromium_playsScenario(String scenario) throws Exception {
        play(scenario, server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws-chat", "ws-cuts", "ws-refusals", "ws-pings"})
    void webSocket_ofWs_playsScenario(String scenario) throws Exception {
        play(scenario, server);
    }

    @Test
    void compression_whereItIsOn_isAgreedWithWs(@TempDir Path folder) throws Exception {
        try (ServerProcess compressing = ServerProcess.runJar(
                ServerJarIT.jar(),
                folder,
                Map.of(),
                "start",
                "--dev",
                "--port",
                "0",
                "--set",
                "websocket.compression=true")) {
            play("ws-deflate", compressing);
        }
    }
}
