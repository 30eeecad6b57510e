package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.undertow.Undertow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConformanceServerTest {
    private final Undertow server = ConformanceServer.start("127.0.0.1", 0, false);
    private final int port =
            ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();

    @AfterEach
    void stop() {
        server.stop();
    }

    private RawSocket echo() throws IOException {
        RawSocket socket = new RawSocket(port);
        socket.send(RawSocket.handshake("").replace("/ws", "/echo"));
        assertTrue(socket.head().startsWith("HTTP/1.1 101 "));
        return socket;
    }

    @Test
    void echo_messageOf16MiB_comesBack() throws Exception {
        byte[] message = new byte[16 * 1024 * 1024];
        new Random(16).nextBytes(message);
        try (RawSocket socket = echo()) {
            byte[] sent = ClientFrame.of(ServerFrame.BINARY).payload(message).bytes();
            Thread sender = new Thread(() -> {
                try {
                    socket.send(sent);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            sender.start();
            byte[] head = socket.read(10);
            assertArrayEquals(new byte[] {(byte) 0x82, 127, 0, 0, 0, 0, 1, 0, 0, 0}, head);
            assertArrayEquals(message, socket.read(message.length));
            sender.join();
        }
    }

    @Test
    void echo_messageOverTheLimit_isRefused() throws Exception {
        try (RawSocket socket = echo()) {
            socket.send(ClientFrame.text("").announcing(16 * 1024 * 1024 + 1));
            assertTrue(socket.frame().startsWith("close 1009 "));
        }
    }

    @Test
    void echo_fragments_comeBackAsOneMessage() throws Exception {
        try (RawSocket socket = echo()) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] text = "fragments of \u00fcnequal length".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            int at = 0;
            for (int length = 1; at < text.length; at += length, length++) {
                int to = Math.min(text.length, at + length);
                ClientFrame frame = ClientFrame.of(at == 0 ? ServerFrame.TEXT : ServerFrame.CONTINUATION)
                        .payload(Arrays.copyOfRange(text, at, to));
                all.writeBytes((to < text.length ? frame.notFinal() : frame).bytes());
            }
            socket.send(all.toByteArray());
            assertEquals("text fragments of \u00fcnequal length", socket.frame());
        }
    }

    @Test
    void http_getAndPost_areAnswered() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/http"));
        assertEquals(
                200,
                client.send(request.GET().build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode());
        assertEquals(
                "echo me",
                client.send(
                                request.POST(HttpRequest.BodyPublishers.ofString("echo me"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body());
    }
}
