package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process of its own: how it starts, and how it says that it cannot. */
class ServerStartTest {
    private static final Map<String, String> SECRETS = Map.of(
            "AUTH_SECRET_KEY", "0123456789abcdef0123456789abcdef",
            "PUBLISHER_CLIENT_ID", "backend",
            "PUBLISHER_CLIENT_SECRET", "a-publisher-secret");

    @TempDir
    Path folder;

    @Test
    void start_dev_servesAndTellsHowToTry() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "start", "--dev", "--port", "0")) {
            assertEquals(200, server.get("/health/live").statusCode());
            assertEquals("{\"status\":\"ready\"}", server.get("/health/ready").body());
            assertTrue(server.get("/metrics").body().contains("pushy_ready 1.0"));
            String stream = "curl -N \"" + server.uri("/channels/stream");
            server.awaitOut(line -> line.contains(stream));
        }
    }

    @Test
    void start_dev_isNotThereForOtherAddresses() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--dev", "--port", "0")) {
            int port = server.port();
            try (Socket socket = new Socket()) {
                InetSocketAddress other = new InetSocketAddress(InetAddress.getByName("127.0.0.2"), port);
                assertThrows(ConnectException.class, () -> socket.connect(other, 5_000));
            }
        }
    }

    @Test
    void start_devForAllAddresses_warns() throws Exception {
        try (ServerProcess server =
                ServerProcess.run(folder, Map.of(), "start", "--dev", "--bind", "0.0.0.0", "--port", "0")) {
            server.awaitOut(line -> line.contains("WARNING") && line.contains("--bind 0.0.0.0"));
        }
    }

    @Test
    void start_withoutSecrets_endsWithWhatToSet() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "start", "--port", "0")) {
            assertEquals(2, server.exitCode());
            assertTrue(server.err().contains("AUTH_SECRET_KEY to at least 32 random bytes"), server.err());
            assertTrue(server.err().contains("PUBLISHER_CLIENT_ID"), server.err());
            assertEquals("\n", server.out());
        }
    }

    @Test
    void start_fileOfTheFolder_isReadAndAllFaultsAreTold() throws Exception {
        Files.writeString(folder.resolve("pushy.yaml"), "prt: 1\nport: none\n");
        try (ServerProcess server = ServerProcess.run(folder, SECRETS, "start")) {
            assertEquals(2, server.exitCode());
            assertTrue(server.err().contains("pushy.yaml:1:1: prt: no such key; did you mean \"port\"?"), server.err());
            assertTrue(server.err().contains("pushy.yaml:2:7: port: \"none\" will not do"), server.err());
        }
    }

    @Test
    void start_namedFile_isReadInsteadAndFlagsWin() throws Exception {
        Files.writeString(folder.resolve("pushy.yaml"), "nonsense: 1\n");
        Path file = Files.writeString(folder.resolve("other.yaml"), "port: 1\nlog: {format: text}\n");
        try (ServerProcess server =
                ServerProcess.run(folder, SECRETS, "start", "--config", file.toString(), "--set", "port=0")) {
            assertEquals(200, server.get("/health/ready").statusCode());
        }
    }

    @Test
    void start_portTaken_endsWithOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerProcess server = ServerProcess.run(
                        folder, Map.of("PORT", Integer.toString(taken.getLocalPort())), "start", "--dev")) {
            assertEquals(1, server.exitCode());
            assertEquals(
                    "pushy: cannot listen on 127.0.0.1 port " + taken.getLocalPort()
                            + ": the port is in use; stop what listens there, or choose another with --port\n",
                    server.err());
        }
    }

    @Test
    void start_metricsPortTaken_saysWhichItIs() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerProcess server = ServerProcess.run(
                        folder, Map.of(), "--dev", "--port=0", "--set", "metrics.port=" + taken.getLocalPort())) {
            assertEquals(1, server.exitCode());
            assertTrue(
                    server.err().contains("port " + taken.getLocalPort() + " for the metrics: the port is in use"),
                    server.err());
        }
    }

    @Test
    void start_addressOfNobody_endsWithOneLine() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--dev", "--bind", "192.0.2.1")) {
            assertEquals(1, server.exitCode());
            assertTrue(server.err().contains("the address is none of this machine's"), server.err());
        }
    }

    @Test
    void start_unknownFlag_endsWithUsage() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "start", "--prot", "1")) {
            assertEquals(2, server.exitCode());
            assertTrue(server.err().contains("Unknown option") && server.err().contains("--port"), server.err());
        }
    }

    @Test
    void version_andHelp_areTold() throws Exception {
        try (ServerProcess version = ServerProcess.run(folder, Map.of(), "--version");
                ServerProcess help = ServerProcess.run(folder, Map.of(), "start", "--help")) {
            assertEquals(0, version.exitCode());
            assertTrue(version.out().matches("pushy .*\n"), version.out());
            assertEquals(0, help.exitCode());
            assertTrue(help.out().contains("--set") && help.out().contains("--config"), help.out());
        }
    }

    @Test
    void health_ofARunningServer_isItsExitCode() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--dev", "--port", "0")) {
            String port = Integer.toString(server.port());
            try (ServerProcess asked = ServerProcess.run(folder, Map.of("PORT", port), "health")) {
                assertEquals(0, asked.exitCode(), asked::toString);
                assertEquals("ready\n", asked.out());
            }
            server.terminate();
            assertEquals(0, server.exitCode());
            try (ServerProcess asked = ServerProcess.run(folder, Map.of(), "health", "--port", port)) {
                assertEquals(1, asked.exitCode());
                assertTrue(asked.err().contains("no answer on port " + port), asked.err());
            }
        }
    }

    @Test
    void log_asJson_isOneObjectALineWithoutSecrets() throws Exception {
        try (ServerProcess server = ServerProcess.run(
                folder, Map.of("PUSHY_LOG_FORMAT", "json", "PUSHY_LOG_ACCESS", "true"), "--dev", "--port", "0")) {
            int port = server.port();
            ask(
                    port,
                    "GET /channels?token=never-log-me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer never-log-me\r\n"
                            + "Connection: close\r\n\r\n");
            server.awaitOut(text -> text.contains("\"path\":\"/channels\""));
            server.terminate();
            assertEquals(0, server.exitCode());
            List<String> lines = server.out().lines().toList();
            for (String each : lines) {
                JsonNode json = new ObjectMapper().readTree(each);
                assertTrue(json.has("time") && json.has("level") && json.has("message"), each);
            }
            assertFalse(server.out().contains("never-log-me"), server.out());
        }
    }

    @Test
    void metrics_onTheirOwnPort_areNotOnTheMainOne() throws Exception {
        int port = freePort();
        try (ServerProcess server = ServerProcess.run(
                folder,
                Map.of("PUSHY_METRICS_PORT", Integer.toString(port), "PUSHY_METRICS_TOKEN", "scrape-me"),
                "--dev",
                "--port",
                "0")) {
            assertEquals(404, server.get("/metrics").statusCode());
            String refused = ask(port, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertTrue(refused.startsWith("HTTP/1.1 401"), refused);
            String given = ask(
                    port,
                    "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer scrape-me\r\nConnection: close\r\n\r\n");
            assertTrue(given.startsWith("HTTP/1.1 200") && given.contains("pushy_connections"), given);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String ask(int port, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
