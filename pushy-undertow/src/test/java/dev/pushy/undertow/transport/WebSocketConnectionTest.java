package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets over real sockets, with clients good and bad. */
class WebSocketConnectionTest {
    private static final TransportSettings SETTINGS =
            TransportSettings.DEFAULT.withBytes(100_000, 20_000).withLinger(Duration.ofMillis(500));

    private TestServer server;

    private TestServer serve(TransportSettings settings) {
        server = new TestServer(settings);
        return server;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void handshake_rfcExample_isAnswered() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(RawSocket.handshake(""));
            String head = socket.head();
            assertTrue(head.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), head);
            assertTrue(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), head);
            assertTrue(head.contains("Upgrade: websocket\r\n"), head);
            assertFalse(head.contains("Sec-WebSocket-Protocol"), head);
            assertFalse(head.contains("Sec-WebSocket-Extensions"), head);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, Upgrade: websocket, Upgrade: h3, 426",
        "GET, Connection: keep-alive@ Upgrade, Connection: close, 426",
        "GET, Sec-WebSocket-Version: 13, Sec-WebSocket-Version: 8, 426",
        "GET, Sec-WebSocket-Version: 13, X-Nothing: 1, 426",
        "GET, Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, X-Nothing: 1, 400",
        "GET, Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: short, 400",
        "GET, Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: %%%%, 400",
        "GET, GET /ws HTTP/1.1, GET /ws HTTP/1.0, 426",
        "POST, GET /ws HTTP/1.1, POST /ws HTTP/1.1, 405",
    })
    void handshake_wrong_isRefused(String method, String line, String instead, int status) throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = new RawSocket(server.port())) {
            String good = RawSocket.handshake("");
            String bad = good.replace(line.replace('@', ','), instead);
            assertFalse(bad.equals(good));
            socket.send(bad);
            String head = socket.head();
            assertTrue(head.matches("(?s)HTTP/1\\.[01] " + status + " .*"), head);
            assertTrue(head.contains("application/problem+json"), head);
            assertEquals(status == 426, head.contains("Sec-WebSocket-Version: 13"), head);
            assertEquals(status == 405, head.contains("Allow: GET"), head);
        }
        assertNull(server.webSockets.poll());
    }

    @Test
    void handshake_subprotocol_isAgreedOn() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(RawSocket.handshake("Sec-WebSocket-Protocol: bearer.abc.def, pushy.v1\r\n"));
            assertTrue(socket.head().contains("Sec-WebSocket-Protocol: pushy.v1\r\n"));
        }
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(RawSocket.handshake("Sec-WebSocket-Protocol: pushy.v2\r\n"));
            assertFalse(socket.head().contains("Sec-WebSocket-Protocol"));
        }
    }

    @Test
    void forgetRequest_isKeptNoLonger() throws Exception {
        serve(SETTINGS);
        RawSocket.webSocket(server.port()).close();
        ClientSocket client = server.webSocket().socket;
        assertEquals("/ws", client.request().path());
        client.forgetRequest();
        assertThrows(IllegalStateException.class, client::request);
    }

    @Test
    void frames_inTheSegmentOfTheHandshake_areNotLost() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = new RawSocket(server.port())) {
            byte[] head = RawSocket.handshake("").getBytes(StandardCharsets.US_ASCII);
            byte[] frames = ClientFrame.join(
                    ClientFrame.text("first"),
                    ClientFrame.of(ServerFrame.PING).payload("p"),
                    ClientFrame.text("second"));
            byte[] all = java.util.Arrays.copyOf(head, head.length + frames.length);
            System.arraycopy(frames, 0, all, head.length, frames.length);
            socket.send(all);
            socket.head();
            assertEquals("pong p", socket.frame());
            TestServer.Client client = server.webSocket();
            assertEquals("text first", client.next());
            assertEquals("text second", client.next());
        }
    }

    @Test
    void frames_byteByByte_areUnderstood() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            for (byte octet : ClientFrame.join(
                    ClientFrame.text("Gr\u00fc").notFinal(),
                    ClientFrame.of(ServerFrame.PING).payload("x"),
                    ClientFrame.of(0).payload("\u00dfe"))) {
                socket.send(new byte[] {octet});
            }
            assertEquals("pong x", socket.frame());
            assertEquals("text Gr\u00fc\u00dfe", server.webSocket().next());
        }
    }

    @Test
    void jdkClient_talksAndCloses_isUnderstood() throws Exception {
        serve(SETTINGS);
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("pushy.v1")
                .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/ws"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                        seen.add("text " + data);
                        from.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onPong(WebSocket from, java.nio.ByteBuffer message) {
                        seen.add("pong " + StandardCharsets.UTF_8.decode(message));
                        from.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                        seen.add("close " + code);
                        return null;
                    }
                })
                .get(10, TimeUnit.SECONDS);
        assertEquals("pushy.v1", socket.getSubprotocol());
        TestServer.Client client = server.webSocket();
        socket.sendText("hello", true).get(10, TimeUnit.SECONDS);
        assertEquals("text hello", client.next());
        TestServer.on(client.socket.connection(), () -> {
            client.socket.send("w\u00f6rld");
            return null;
        });
        assertEquals("text w\u00f6rld", seen.poll(10, TimeUnit.SECONDS));
        socket.sendPing(java.nio.ByteBuffer.wrap(new byte[] {'p'})).get(10, TimeUnit.SECONDS);
        assertEquals("pong p", seen.poll(10, TimeUnit.SECONDS));
        socket.sendClose(4321, "enough").get(10, TimeUnit.SECONDS);
        assertEquals("closed CLIENT_GONE", client.next());
        assertEquals("close 4321", seen.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void close_byClient_isEchoedThenTheSocketEnds() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            socket.send(ClientFrame.close(3000, "bye"), ClientFrame.text("too late"));
            assertEquals("close 3000 ", socket.frame());
            assertEquals(0, socket.readToEnd().length);
        }
        assertEquals("closed CLIENT_GONE", server.webSocket().next());
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            socket.send(ClientFrame.of(ServerFrame.CLOSE));
            assertEquals("close ", socket.frame());
            assertEquals(0, socket.readToEnd().length);
        }
    }

    @Test
    void close_byServer_waitsForTheClientsAnswer() throws Exception {
        serve(SETTINGS.withLinger(Duration.ofSeconds(30)));
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            TestServer.Client client = server.webSocket();
            client.socket.connection().close(CloseReason.DRAIN);
            assertEquals("close 4999 DRAIN", socket.frame());
            assertEquals("closed DRAIN", client.next());
            socket.send(ClientFrame.text("crossing"), ClientFrame.close(4000, ""));
            assertEquals(0, socket.readToEnd().length);
            assertTrue(client.heard.isEmpty(), "a session that was told its end hears no more");
        }
    }

    @Test
    void close_clientNeverAnswers_endsAfterTheLinger() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            TestServer.Client client = server.webSocket();
            TestServer.on(client.socket.connection(), () -> {
                client.socket.close(new ClientSession.CloseCode(4444, "own code"), CloseReason.BAD_REQUEST);
                return null;
            });
            assertEquals("close 4444 own code", socket.frame());
            assertEquals("closed BAD_REQUEST", client.next());
            assertEquals(0, socket.readToEnd().length);
        }
    }

    @ParameterizedTest
    @CsvSource({"1002, protocol", "1007, utf8", "1009, size"})
    void fault_isToldWithItsCodeAndTheSocketEnds(int code, String fault) throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            ClientFrame bad = switch (fault) {
                case "protocol" -> ClientFrame.text("x").unmasked();
                case "utf8" -> ClientFrame.of(ServerFrame.TEXT).payload((byte) 0xC0);
                default -> ClientFrame.of(ServerFrame.TEXT).announcing(20_001);
            };
            socket.send(ClientFrame.text("good"), bad, ClientFrame.text("never read"));
            String frame = socket.frame();
            assertTrue(frame.startsWith("close " + code + " "), frame);
            assertEquals(0, socket.readToEnd().length);
        }
        TestServer.Client client = server.webSocket();
        assertEquals("text good", client.next());
        assertEquals("closed BAD_REQUEST", client.next());
        assertTrue(client.heard.isEmpty());
    }

    @Test
    void session_throws_isClosedAsInternal() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = RawSocket.webSocket(server.port());
                RawSocket other = RawSocket.webSocket(server.port())) {
            TestServer.Client client = server.webSocket();
            socket.send(ClientFrame.text("throw"));
            other.send(ClientFrame.text("throw"));
            assertTrue(socket.frame().endsWith(" INTERNAL"));
            assertEquals("text throw", client.next());
            assertEquals("closed INTERNAL", client.next());
            assertTrue(other.frame().endsWith(" INTERNAL"), "the loop lives on");
        }
    }

    @Test
    void client_vanishesMidFrame_isNoticed() throws Exception {
        serve(SETTINGS);
        RawSocket reset = RawSocket.webSocket(server.port());
        TestServer.Client first = server.webSocket();
        reset.send(java.util.Arrays.copyOf(ClientFrame.text("half a frame").bytes(), 9));
        reset.reset();
        assertEquals("closed CLIENT_GONE", first.next());
        RawSocket ended = RawSocket.webSocket(server.port());
        TestServer.Client second = server.webSocket();
        ended.send(new byte[] {(byte) 0x81});
        ended.close();
        assertEquals("closed CLIENT_GONE", second.next());
    }

    @Test
    void client_halfCloses_isClosed() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            TestServer.Client client = server.webSocket();
            socket.shutdownOutput();
            assertEquals("closed CLIENT_GONE", client.next());
            socket.readToEnd();
        }
    }

    @Test
    void client_neverReads_isCutOffAndOthersAreNot() throws Exception {
        serve(SETTINGS);
        try (RawSocket stopped = RawSocket.webSocket(server.port(), 4_096)) {
            TestServer.Client slow = server.webSocket();
            try (RawSocket reader = RawSocket.webSocket(server.port())) {
                TestServer.Client fast = server.webSocket();
                byte[] frame = ServerFrame.text("x".repeat(10_000));
                int written = 0;
                while (slow.heard.isEmpty()) {
                    TestServer.write(slow.socket.connection(), frame);
                    TestServer.write(fast.socket.connection(), frame);
                    assertEquals(10_005, reader.frame().length());
                    assertTrue(slow.socket.connection().backlog() <= 100_000);
                    assertTrue(++written < 10_000, "it is never cut off");
                }
                assertEquals("closed SLOW_CONSUMER", slow.next());
                assertTrue(fast.heard.isEmpty());
            }
            // Everything begun is whole, then comes the close frame or the end.
            int frames = 0;
            try {
                String frame = stopped.frame();
                while (frame.startsWith("text ")) {
                    assertEquals(10_005, frame.length());
                    frames++;
                    frame = stopped.frame();
                }
                assertTrue(frame.endsWith("SLOW_CONSUMER"), frame);
            } catch (IOException e) {
                assertTrue(frames > 0);
            }
        }
    }

    @Test
    void ping_unanswered_closesAfterTwo() throws Exception {
        serve(SETTINGS.withPings(Duration.ofSeconds(1), 10));
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            TestServer.Client client = server.webSocket();
            assertEquals("ping ", socket.frame());
            assertEquals("heartbeat", client.next());
            socket.send(ClientFrame.of(ServerFrame.PONG));
            // Two, or one more where the answer to the first was late.
            int pings = 1;
            String frame = socket.frame();
            for (; frame.equals("ping "); frame = socket.frame()) {
                pings++;
                assertEquals("heartbeat", client.next());
            }
            assertTrue(frame.startsWith("close "), frame);
            assertTrue(pings == 3 || pings == 4, pings + " pings");
            assertEquals("closed UNRESPONSIVE", client.next());
        }
    }

    @Test
    void ping_flood_isClosedAsPolicy() throws Exception {
        serve(SETTINGS.withPings(Duration.ofSeconds(30), 20));
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            for (int i = 0; i < 21; i++) {
                socket.send(ClientFrame.of(ServerFrame.PING).payload("p"));
            }
            for (int i = 0; i < 20; i++) {
                assertEquals("pong p", socket.frame());
            }
            assertTrue(socket.frame().startsWith("close 1008 "));
        }
    }

    @Test
    void suspendReads_stopsAtTheMessageAndLosesNothing() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            TestServer.Client client = server.webSocket();
            socket.send(ClientFrame.text("stop"), ClientFrame.text("b"), ClientFrame.of(ServerFrame.PING));
            assertEquals("text stop", client.next());
            socket.send(ClientFrame.text("c"), ClientFrame.text("stop"), ClientFrame.text("d"));
            assertNull(client.heard.poll(200, TimeUnit.MILLISECONDS));
            TestServer.on(client.socket.connection(), () -> {
                client.socket.resumeReads();
                return null;
            });
            assertEquals("text b", client.next());
            assertEquals("text c", client.next());
            assertEquals("text stop", client.next());
            assertEquals("pong ", socket.frame());
            assertNull(client.heard.poll(200, TimeUnit.MILLISECONDS));
            client.socket.connection().close(CloseReason.REVOKED);
            assertTrue(socket.frame().endsWith("REVOKED"), "also while it does not read");
            socket.send(ClientFrame.close(1000, ""));
            assertEquals(0, socket.readToEnd().length);
        }
    }

    @Test
    void clientAsksButDoesNotReadTheAnswers_isNotReadFromAnyMore() throws Exception {
        serve(SETTINGS);
        int messages = 3_000;
        try (RawSocket socket = RawSocket.webSocket(server.port(), 4_096)) {
            TestServer.Client client = server.webSocket();
            AtomicInteger sent = new AtomicInteger();
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < messages; i++) {
                        socket.send(ClientFrame.text("echo " + i + "-".repeat(10_000)));
                        sent.incrementAndGet();
                    }
                } catch (IOException e) {
                    sent.set(-1);
                }
            });
            sender.start();
            int before = -1;
            while (sent.get() != before) {
                before = sent.get();
                sender.join(300);
            }
            assertTrue(before < messages, "thirty megabytes were taken from a client that reads nothing");
            assertTrue(client.socket.connection().backlog() <= 100_000);
            for (int i = 0; i < messages; i++) {
                assertEquals("text echo " + i, socket.frame().replace("-", ""));
            }
            sender.join();
            assertEquals(messages, sent.get());
        }
    }

    @Test
    void binary_isHandedToTheSession() throws Exception {
        serve(SETTINGS);
        try (RawSocket socket = RawSocket.webSocket(server.port())) {
            socket.send(ClientFrame.of(ServerFrame.BINARY).payload((byte) 1));
            assertEquals("binary", server.webSocket().next());
        }
    }

    @Test
    void deflate_offered_isAgreedOnAndSharedFramesAreCompressed() throws Exception {
        serve(SETTINGS.withDeflate(true));
        try (RawSocket socket = new RawSocket(server.port())) {
            socket.send(RawSocket.handshake("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10,"
                    + " permessage-deflate; client_max_window_bits\r\n"));
            assertTrue(socket.head()
                    .contains("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover;"
                            + " client_no_context_takeover\r\n"));
            TestServer.Client client = server.webSocket();
            String text = "tell me again ".repeat(100);
            byte[] deflated = new MessageDeflater().deflate(text.getBytes(StandardCharsets.UTF_8));
            socket.send(ClientFrame.of(ServerFrame.TEXT).reserved(0x40).payload(deflated));
            assertEquals("text " + text, client.next());
            byte[] frame = DeflatedFrame.text(text.getBytes(StandardCharsets.UTF_8));
            assertTrue(frame.length < 100);
            TestServer.write(client.socket.connection(), frame);
            assertArrayEquals(frame, socket.read(frame.length));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "permessage-deflate, true",
        "permessage-deflate; client_no_context_takeover; server_no_context_takeover, true",
        "permessage-deflate; server_max_window_bits=15, true",
        "permessage-deflate; server_max_window_bits=9, false",
        "permessage-deflate; unknown, false",
        "permessage-deflate; client_max_window_bits=16, false",
        "permessage-deflate; client_max_window_bits; client_max_window_bits, false",
        "x-webkit-deflate-frame, false",
    })
    void extension_offer_isTakenOrDeclined(String offer, boolean taken) {
        server = new TestServer(SETTINGS);
        assertEquals(taken, Handshake.extension(List.of(offer)) != null);
    }
}
