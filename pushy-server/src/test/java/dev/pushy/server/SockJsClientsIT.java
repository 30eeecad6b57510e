package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The npm package sockjs-client against the packaged server, by every transport that it has in Node and in Chromium. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SockJsClientsIT {
    private static final Path SCRIPTS = Path.of("src/test/js");

    private ServerProcess server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Command.require("node");
        assertTrue(
                Files.isDirectory(SCRIPTS.resolve("node_modules/sockjs-client")),
                "the packages of " + SCRIPTS + " are missing: run bin/check, which installs them (or npm ci there)");
        server = ServerProcess.runJar(ServerJarIT.jar(), folder, Map.of(), "start", "--dev", "--port", "0");
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private void play(String scenario) throws Exception {
        System.out.print(Command.run(SCRIPTS, "node", "run.mjs", scenario, "http://127.0.0.1:" + server.port()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "xhr-streaming", "eventsource", "xhr-polling"})
    void sockJs_inNode_speaksByTransport(String transport) throws Exception {
        play("sockjs-node-" + transport);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "websocket",
                "xhr-streaming",
                "eventsource",
                "htmlfile",
                "xhr-polling",
                "iframe-eventsource",
                "iframe-htmlfile",
                "iframe-xhr-polling",
                "jsonp-polling"
            })
    void sockJs_inChromium_speaksByTransport(String transport) throws Exception {
        play("sockjs-browser-" + transport);
    }
}
