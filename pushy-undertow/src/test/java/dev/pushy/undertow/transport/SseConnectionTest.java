package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import io.undertow.server.handlers.SetHeaderHandler;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SSE streams over real sockets, HTTP/1.0, 1.1 and 2. */
@Timeout(60)
class SseConnectionTest {
    private static final TransportSettings SETTINGS =
            TransportSettings.DEFAULT.withBytes(100_000, 20_000).withLinger(Duration.ofMillis(500));
    private static final String GET = "GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";

    private TestServer server;

    private TestServer serve(TransportSettings settings) {
        server = new TestServer(settings);
        return server;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] block(String text) {
        return ("data: " + text + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    private HttpResponse<InputStream> http2() throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .build()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/sse"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                .get(10, TimeUnit.SECONDS);
    }

    /** Reads blocks until one begins with the text. */
    private static List<String> blocks(InputStream in, String last) throws Exception {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = new StringBuilder();
        while (true) {
            int octet = in.read();
            assertTrue(octet >= 0, () -> "ended after " + blocks);
            block.append((char) octet);
            if (block.indexOf("\n\n") >= 0) {
                String text = block.substring(0, block.length() - 2);
                blocks.add(text);
                block.setLength(0);
                if (text.startsWith(last)) {
                    return blocks;
                }
            }
        }
    }

    @Test
    void open_firstBytes_comeAtOnce() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(GET);
            String head = socket.head();
            assertTrue(head.startsWith("HTTP/1.1 200 OK\r\n"), head);
            assertTrue(head.contains("Content-Type: text/event-stream; charset=utf-8\r\n"), head);
            assertTrue(head.contains("Cache-Control: no-cache, no-transform\r\n"), head);
            assertTrue(head.contains("X-Accel-Buffering: no\r\n"), head);
            assertTrue(head.contains("Connection: close\r\n"), head);
            assertFalse(head.contains("Content-Length"), head);
            assertFalse(head.contains("Transfer-Encoding"), head);
            String first = socket.readUntil("\n\n");
            assertTrue(first.matches(":\nretry: [2-5][0-9]{3}\n\n"), first);
            TestServer.write(server.stream().connection(), block("one"), block("two"));
            assertEquals("data: one\n\ndata: two\n\n", socket.readUntil("two\n\n"));
        }
    }

    @Test
    void open_retry_differs() throws Exception {
        serve(SETTINGS);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            try (RawSocket socket = new RawSocket(server.port())) {
                socket.send(GET);
                socket.head();
                seen.add(socket.readUntil("\n\n"));
            }
        }
        assertTrue(seen.size() > 5, () -> "all clients come back together: " + seen);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /sse HTTP/1.0\r\n\r\n",
                "GET /sse HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /sse HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: x\r\n\r\n",
                "GET http://localhost/sse HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n"
            })
    void open_anyHttp1_streams(String request) throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(request);
            assertTrue(socket.head().startsWith("HTTP/1.1 200 OK\r\n"));
            TestServer.Stream stream = server.stream();
            for (int i = 0; i < 3; i++) {
                TestServer.write(stream.connection(), block("m" + i));
                socket.readUntil("m" + i + "\n\n");
            }
            stream.connection().close(CloseReason.DRAIN);
            assertEquals(0, socket.readToEnd().length);
            stream.session().await("closing DRAIN", "closed DRAIN");
        }
    }

    @Test
    void open_headersOfOtherHandlers_areSentToo() throws Exception {
        server = new TestServer(
                SETTINGS, next -> new SetHeaderHandler(next, "Access-Control-Allow-Origin", "https://a.example"));
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(GET);
            assertTrue(socket.head().contains("Access-Control-Allow-Origin: https://a.example\r\n"));
        }
    }

    @Test
    void open_requestWithBody_isRefused() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send("GET /sse HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
            assertTrue(socket.head().startsWith("HTTP/1.1 400 "));
        }
        assertTrue(server.streams.isEmpty());
    }

    @Test
    void client_vanishes_isNoticedAtOnce() throws Exception {
        serve(SETTINGS);
        RawSocket ends = new RawSocket(server.port());
        try (RawSocket crashes = new RawSocket(server.port());
                RawSocket halfCloses = new RawSocket(server.port())) {
            ends.send(GET);
            TestServer.Stream first = server.stream();
            ends.readUntil("retry");
            ends.close();
            first.session().await("closed CLIENT_GONE");
            crashes.send(GET);
            TestServer.Stream second = server.stream();
            crashes.reset();
            second.session().await("closed CLIENT_GONE");
            halfCloses.send(GET);
            TestServer.Stream third = server.stream();
            halfCloses.shutdownOutput();
            third.session().await("closed CLIENT_GONE");
        }
    }

    @Test
    void client_sendsRubbish_isIgnoredThenCutOff() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(GET + "GET /sse HTTP/1.1\r\n\r\nrubbish");
            TestServer.Stream stream = server.stream();
            TestServer.write(stream.connection(), block("still here"));
            socket.readUntil("still here");
            try {
                for (int i = 0; i < 100; i++) {
                    socket.send(new byte[10_000]);
                }
            } catch (java.io.IOException e) {
                // It was cut off while sending.
            }
            stream.session().await("closed BAD_REQUEST");
        }
    }

    @Test
    void client_neverReads_isCutOffAndOthersAreNot() throws Exception {
        serve(SETTINGS);
        try (RawSocket stopped = new RawSocket(server.port(), 4_096);
                RawSocket reader = new RawSocket(server.port())) {
            stopped.send(GET);
            TestServer.Stream slow = server.stream();
            reader.send(GET);
            TestServer.Stream fast = server.stream();
            reader.readUntil("\n\n");
            byte[] block = block("x".repeat(10_000));
            int written = 0;
            while (!slow.session().heard().contains("closed SLOW_CONSUMER")) {
                TestServer.write(slow.connection(), block);
                TestServer.write(fast.connection(), block);
                reader.readUntil("x\n\n");
                assertTrue(slow.connection().backlog() <= 100_000);
                assertTrue(++written < 10_000, "it is never cut off");
            }
            assertEquals(List.of(), fast.session().heard());
            long read = stopped.readToEnd().length;
            assertTrue(read > 0 && read < written * (long) block.length);
        }
    }

    @Test
    void stream_grownOld_ends() throws Exception {
        serve(SETTINGS.withStreams(Duration.ofMillis(200), Duration.ofMillis(900)));
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(GET);
            TestServer.Stream stream = server.stream();
            socket.readToEnd();
            stream.session().await("closing MAX_AGE", "closed MAX_AGE");
            int heartbeats = stream.session().heartbeats.get();
            // A loop that was kept waiting sends fewer, never more.
            assertTrue(heartbeats >= 1 && heartbeats <= 5, "heartbeats: " + heartbeats);
        }
    }

    @Test
    void manyStreams_onePublication_reachesAll() throws Exception {
        serve(SETTINGS);
        List<RawSocket> sockets = new ArrayList<>();
        List<TestServer.Stream> streams = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            RawSocket socket = new RawSocket(server.port());
            socket.send(GET);
            sockets.add(socket);
            streams.add(server.stream());
        }
        byte[] block = block("for all");
        for (TestServer.Stream stream : streams) {
            TestServer.write(stream.connection(), block);
        }
        for (RawSocket socket : sockets) {
            socket.readUntil("for all\n\n");
            socket.close();
        }
        for (TestServer.Stream stream : streams) {
            stream.session().await("closed CLIENT_GONE");
        }
        assertTrue(server.meter.bytes() >= 50L * block.length);
    }

    @Test
    void http2_stream_getsBlocksAndEnds() throws Exception {
        serve(SETTINGS);
        HttpResponse<InputStream> response = http2();
        assertEquals(HttpClient.Version.HTTP_2, response.version());
        assertEquals(200, response.statusCode());
        assertEquals(
                "text/event-stream; charset=utf-8",
                response.headers().firstValue("content-type").orElseThrow());
        assertEquals("no", response.headers().firstValue("x-accel-buffering").orElseThrow());
        TestServer.Stream stream = server.stream();
        for (int i = 0; i < 100; i++) {
            TestServer.write(stream.connection(), block("a" + i), block("b" + i));
        }
        List<String> blocks = blocks(response.body(), "data: b99");
        assertEquals(201, blocks.size());
        assertTrue(blocks.get(0).startsWith(":\nretry: "), blocks.get(0));
        assertEquals("data: a7", blocks.get(15));
        stream.connection().close(CloseReason.DRAIN);
        assertEquals(-1, response.body().read());
        stream.session().await("closing DRAIN", "closed DRAIN");
    }

    @Test
    void http2_clientCancels_isNoticed() throws Exception {
        serve(SETTINGS);
        HttpResponse<InputStream> response = http2();
        TestServer.Stream stream = server.stream();
        blocks(response.body(), ":");
        response.body().close();
        stream.session().await("closed CLIENT_GONE");
    }

    @Test
    void http2_clientNeverReads_isCutOffByTheSameBound() throws Exception {
        serve(SETTINGS);
        HttpResponse<InputStream> response = http2();
        TestServer.Stream stream = server.stream();
        byte[] block = block("x".repeat(10_000));
        int written = 0;
        while (!stream.session().heard().contains("closed SLOW_CONSUMER")) {
            TestServer.write(stream.connection(), block);
            assertTrue(stream.connection().backlog() <= 100_000);
            assertTrue(++written < 100_000, "it is never cut off");
        }
        response.body().close();
    }
}
