package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import io.undertow.Undertow;
import io.undertow.server.handlers.PathHandler;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both transports over TLS, where written bytes may wait in the conduit for a flush. */
@Timeout(60)
class TlsTest {
    private static final char[] PASSWORD = "only-for-this-test".toCharArray();

    private static final BlockingQueue<Connection> STREAMS = new LinkedBlockingQueue<>();
    private static SSLContext context;
    private static Undertow server;
    private static int port;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        Path store = folder.resolve("key.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "test",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, keytool.waitFor(), said);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("test", keys.getCertificate("test"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        EventLoops loops = new EventLoops(WriteMeter.NONE);
        TransportSettings settings = TransportSettings.DEFAULT.withBytes(8 << 20, 4 << 20);
        WebSocketHandler echo = new WebSocketHandler(loops, settings, new EchoProtocol(), List.of(), () -> "1.1");
        SseHandler sse = new SseHandler(loops, settings);
        server = Undertow.builder()
                .addHttpsListener(0, "127.0.0.1", context)
                .setIoThreads(1)
                .setHandler(new PathHandler()
                        .addExactPath("/echo", exchange -> echo.open(exchange, ConformanceServer.request(exchange)))
                        .addExactPath(
                                "/sse",
                                exchange -> sse.open(exchange, "1.2", new EchoProtocol.PlainTexts(), stream -> {
                                    STREAMS.add(stream);
                                    return new RecordingSession();
                                })))
                .build();
        server.start();
        port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    @Test
    void webSocket_textsOfAllSizes_comeBackWhole() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        WebSocket socket = HttpClient.newBuilder()
                .sslContext(context)
                .build()
                .newWebSocketBuilder()
                .buildAsync(URI.create("wss://127.0.0.1:" + port + "/echo"), new WebSocket.Listener() {
                    private final StringBuilder text = new StringBuilder();

                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                        text.append(data);
                        if (last) {
                            seen.add(text.toString());
                            text.setLength(0);
                        }
                        from.request(1);
                        return null;
                    }
                })
                .get(10, TimeUnit.SECONDS);
        for (int length : new int[] {0, 1, 100, 16_000, 16_384, 16_385, 100_000, 1_000_000, 3}) {
            String text = "y".repeat(length);
            socket.sendText(text, true).get(10, TimeUnit.SECONDS);
            assertEquals(text, seen.poll(20, TimeUnit.SECONDS));
        }
        socket.sendClose(1000, "").get(10, TimeUnit.SECONDS);
    }

    @Test
    void stream_manyBlocks_comeWholeAndAtOnce() throws Exception {
        HttpResponse<InputStream> response = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/sse"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        Connection stream = STREAMS.poll(10, TimeUnit.SECONDS);
        InputStream in = response.body();
        StringBuilder first = new StringBuilder();
        while (first.indexOf("\n\n") < 0) {
            first.append((char) in.read());
        }
        for (int round = 0; round < 200; round++) {
            byte[] block = ("data: " + round + "-".repeat(round * 311) + "\n\n").getBytes(StandardCharsets.US_ASCII);
            TestServer.write(stream, block, block);
            assertEquals(
                    new String(block, StandardCharsets.US_ASCII).repeat(2),
                    new String(in.readNBytes(block.length * 2), StandardCharsets.US_ASCII));
        }
        stream.close(CloseReason.DRAIN);
        assertEquals(-1, in.read());
    }

    @Test
    void stream_readerStops_isCutOff() throws Exception {
        try (Socket socket = context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.getOutputStream()
                    .write("GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Connection stream = STREAMS.poll(10, TimeUnit.SECONDS);
            byte[] block = new byte[200_000];
            int written = 0;
            while (TestServer.on(stream, () -> ((SocketWriter) stream).isOpen())) {
                TestServer.write(stream, block);
                assertTrue(stream.backlog() <= 8 << 20);
                assertTrue(++written < 1_000, "it is never cut off");
            }
        }
    }
}
