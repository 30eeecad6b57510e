package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of the server as a process of its own: graceful at the first signal, at once at the second. */
class ServerStopTest {
    private static final String HEAD_OF_A_PUBLISH = """
            POST /publish/news HTTP/1.1
            Host: localhost
            X-Client-ID: %s
            X-Client-Secret: %s
            Content-Type: application/json
            Content-Length: 10
            Expect: 100-continue

            """.formatted(
                    SampleCredentials.CLIENT_ID, SampleCredentials.CLIENT_SECRET)
            .replace("\n", "\r\n");
    private static final String HALF_OF_ITS_BODY = "{\"data\":";
    private static final String OTHER_HALF = "1}";
    private static final int CROWD = 8;

    @TempDir
    Path folder;

    @Test
    void terminate_withOpenStream_tellsTheClientAndEnds() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--dev", "--port", "0");
                Socket stream = connect(server)) {
            String token = token(server);
            write(stream, "GET /channels/stream?channels=news&token=" + token + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            readUntil(stream, "event: pushy:open");

            server.terminate();

            String rest = new String(stream.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(rest.contains("event: pushy:reconnect"), rest);
            assertEquals(0, server.exitCode());
        }
    }

    @Test
    void accessLog_ofStreamsAndWebSockets_hasTheStatusOfTheirOpening() throws Exception {
        try (ServerProcess server =
                        ServerProcess.run(folder, Map.of("PUSHY_LOG_ACCESS", "true"), "--dev", "--port", "0");
                Socket stream = connect(server);
                Socket webSocket = connect(server)) {
            String token = token(server);
            write(stream, "GET /channels/stream?channels=news&token=" + token + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            readUntil(stream, "event: pushy:open");
            write(
                    webSocket,
                    "GET /channels/ws?token=" + token + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            readUntil(webSocket, "101 Switching Protocols");

            server.awaitOut(line -> line.contains("GET /channels/stream 200 "));
            server.awaitOut(line -> line.contains("GET /channels/ws 101 "));
            server.terminate();
            assertEquals(0, server.exitCode());
            assertTrue(!server.out().contains(token), server.out());
        }
    }

    @Test
    void interrupt_idleServer_endsAsWell() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--dev", "--port", "0")) {
            server.port();
            server.interrupt();

            assertEquals(0, server.exitCode());
            assertTrue(server.out().contains("Stopped"), server.out());
        }
    }

    @Test
    void terminate_withRequestUnderWay_answersIt() throws Exception {
        try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--dev", "--port", "0");
                Socket request = begunPublish(server)) {
            server.terminate();
            server.awaitOut(line -> line.contains("Draining"));
            write(request, OTHER_HALF);

            String answer = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
            assertEquals(0, server.exitCode());
        }
    }

    @Test
    void terminate_withRequestThatNeverEnds_endsWithTheDrainTime() throws Exception {
        try (ServerProcess server =
                        ServerProcess.run(folder, Map.of(), "--dev", "--port", "0", "--set", "drain-time=500ms");
                Socket request = begunPublish(server)) {
            server.terminate();

            assertEquals(0, server.exitCode());
            assertTrue(request.isConnected() && server.out().contains("The drain time is over"), server.out());
        }
    }

    @Test
    void terminateTwice_endsAtOnce() throws Exception {
        try (ServerProcess server = ServerProcess.run(
                        folder,
                        Map.of(),
                        "--dev",
                        "--port",
                        "0",
                        "--set",
                        "drain-time=10m",
                        "--set",
                        "limits.body-time=10m");
                Socket request = begunPublish(server)) {
            server.terminate();
            server.awaitOut(line -> line.contains("Draining"));
            assertTrue(request.isConnected() && server.isAlive(), "a request is still open");
            server.terminate();

            assertEquals(128 + 15, server.exitCode());
        }
    }

    @RepeatedTest(3)
    void terminate_whileClientsConnect_isNoError() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CROWD);
        try (ServerProcess server =
                ServerProcess.run(folder, Map.of(), "--dev", "--port", "0", "--set", "drain-time=500ms")) {
            int port = server.port();
            CountDownLatch connected = new CountDownLatch(100 * CROWD);
            for (int i = 0; i < CROWD; i++) {
                clients.execute(() -> connectAgainAndAgain(port, connected));
            }
            assertTrue(connected.await(40, TimeUnit.SECONDS), server::toString);

            server.terminate();

            assertEquals(0, server.exitCode());
            String said = server.out() + server.err();
            assertTrue(said.contains("Stopped") && !said.contains("ERROR"), said);
        } finally {
            clients.shutdownNow();
        }
    }

    /** Until nobody listens any more. */
    private static void connectAgainAndAgain(int port, CountDownLatch connected) {
        try {
            while (true) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    // Reset, or the system runs out of ports.
                    socket.setSoLinger(true, 0);
                    connected.countDown();
                }
            }
        } catch (IOException e) {
            // The port is closed.
        }
    }

    /** A publish of which half has arrived: the server waits for the rest. */
    private static Socket begunPublish(ServerProcess server) throws IOException, InterruptedException {
        Socket socket = connect(server);
        write(socket, HEAD_OF_A_PUBLISH);
        readUntil(socket, "HTTP/1.1 100 Continue\r\n\r\n");
        write(socket, HALF_OF_ITS_BODY);
        return socket;
    }

    private static Socket connect(ServerProcess server) throws IOException, InterruptedException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(40_000);
        return socket;
    }

    private static String token(ServerProcess server) throws IOException, InterruptedException {
        String answer = server.post(
                        "/token",
                        "{\"sub\":\"me\",\"channels\":[\"news\"]}",
                        "X-Client-ID",
                        SampleCredentials.CLIENT_ID,
                        "X-Client-Secret",
                        SampleCredentials.CLIENT_SECRET)
                .body();
        Matcher token = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(answer);
        assertTrue(token.find(), answer);
        return token.group(1);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void readUntil(Socket socket, String text) throws IOException {
        StringBuilder seen = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (seen.indexOf(text) < 0) {
            int next = in.read();
            assertTrue(next >= 0, () -> "the stream ended with:\n" + seen);
            seen.append((char) next);
        }
    }
}
