package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server over TLS, asked by the JDK's clients. */
@Timeout(120)
class TlsServerTest {
    private static final String[] PUBLISHER = {
        "X-Client-ID", SampleCredentials.CLIENT_ID, "X-Client-Secret", SampleCredentials.CLIENT_SECRET
    };
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    /** The types of the records, and with the refusal its level and its reason. */
    private static final String SERVER_HELLO = "handshake";

    private static final String REFUSED_VERSION = "alert 2 70";

    private static TestCertificate issued;
    private static TestCertificate other;

    @TempDir
    Path folder;

    @BeforeAll
    static void make(@TempDir Path stores) throws Exception {
        issued = TestCertificate.issued(stores, "issued");
        other = TestCertificate.selfSigned(stores, "other", "RSA");
    }

    @Test
    void ports_bothOpen_serveTheSame() throws Exception {
        try (PushyServer server = start(Map.of())) {
            assertEquals(200, get(server, "/health/ready").statusCode());
            URI plain = URI.create("http://127.0.0.1:" + server.port() + "/health/ready");
            assertEquals(
                    200,
                    HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(plain).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode());
        }
    }

    @Test
    void request_overHttp1And2_isAnswered() throws Exception {
        try (PushyServer server = start(Map.of())) {
            for (HttpClient.Version version : HttpClient.Version.values()) {
                HttpResponse<String> answer = client(issued, version)
                        .send(request(server, "/health/ready").build(), HttpResponse.BodyHandlers.ofString());

                assertEquals(200, answer.statusCode());
                assertEquals(version, answer.version());
            }
        }
    }

    @Test
    void stream_overHttp1And2_getsWhatIsPublished() throws Exception {
        try (PushyServer server = start(Map.of())) {
            String token = token(server, "news");
            for (HttpClient.Version version : HttpClient.Version.values()) {
                HttpResponse<InputStream> stream = client(issued, version)
                        .send(
                                request(server, "/channels/stream?channels=news&token=" + token)
                                        .build(),
                                HttpResponse.BodyHandlers.ofInputStream());
                try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                    assertEquals(version, stream.version());
                    awaitLine(lines, "event: pushy:open");
                    publish(server, "news", version.name());
                    awaitLine(lines, version.name());
                }
            }
        }
    }

    @Test
    void webSocket_overTls_getsWhatIsPublished() throws Exception {
        try (PushyServer server = start(Map.of())) {
            BlockingQueue<String> seen = new LinkedBlockingQueue<>();
            WebSocket socket = webSocket(server, token(server, "news"), seen);
            assertTrue(next(seen).contains("\"open\""));

            publish(server, "news", "over-tls");

            assertTrue(next(seen).contains("over-tls"));
            socket.abort();
        }
    }

    @Test
    void handshake_olderVersions_areRefused() throws Exception {
        try (PushyServer server = start(Map.of())) {
            assertEquals(REFUSED_VERSION, answerToHello(server, 0x0301));
            assertEquals(REFUSED_VERSION, answerToHello(server, 0x0302));
            assertEquals(SERVER_HELLO, answerToHello(server, 0x0303));
            assertEquals("TLSv1.2", shake(server, "TLSv1.2"));
            assertEquals("TLSv1.3", shake(server, "TLSv1.3"));
        }
        try (PushyServer server = start(Map.of("tls.min-version", "1.3"))) {
            assertEquals(REFUSED_VERSION, answerToHello(server, 0x0303));
            assertEquals("TLSv1.3", shake(server, "TLSv1.3"));
        }
    }

    @Test
    void handshake_textOnTheTlsPort_harmsNobody() throws Exception {
        try (PushyServer server = start(Map.of())) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.tlsPort())) {
                socket.setSoTimeout((int) PATIENCE.toMillis());
                socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertFalse(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)
                        .contains("HTTP/1.1"));
            }
            assertEquals(200, get(server, "/health/ready").statusCode());
        }
    }

    @Test
    void files_renewed_areServedToNewConnectionsWhileOldOnesLive() throws Exception {
        try (PushyServer server = start(Map.of())) {
            BlockingQueue<String> seen = new LinkedBlockingQueue<>();
            WebSocket socket = webSocket(server, token(server, "news"), seen);
            assertTrue(next(seen).contains("\"open\""));

            Files.writeString(folder.resolve("cert.pem"), other.leaf());
            awaitMetric(server, "pushy_tls_files_outdated 1.0");
            assertEquals(issued.chain().get(0), served(server));

            Files.writeString(folder.resolve("key.pem"), other.older());
            awaitMetric(server, "pushy_tls_files_outdated 0.0");
            assertEquals(other.chain().get(0), served(server));
            publish(server, "news", "still-here");
            assertTrue(next(seen).contains("still-here"));
            socket.abort();
        }
    }

    @Test
    void tlsOnly_opensNoOtherPort() throws Exception {
        try (PushyServer server = start(Map.of("tls.only", "true"))) {
            assertEquals(server.tlsPort(), server.port());
            assertEquals(200, get(server, "/health/ready").statusCode());
            StringWriter said = new StringWriter();
            PrintWriter out = new PrintWriter(said, true);
            Listen there = new Listen(
                    "127.0.0.1",
                    false,
                    1,
                    new TlsConfig(server.port(), true, Path.of("not-read"), Path.of("not-read"), null, "1.2"));

            assertTrue(HealthQuestion.ask(there, out, out), said.toString());
        }
    }

    @Test
    void metrics_tellWhenTheCertificateExpires() throws Exception {
        try (PushyServer server = start(Map.of())) {
            String metrics = get(server, "/metrics").body();
            String line = metrics.lines()
                    .filter(text -> text.startsWith("pushy_tls_certificate_expiry_timestamp_seconds "))
                    .findFirst()
                    .orElseThrow();

            double seconds = Double.parseDouble(line.substring(line.indexOf(' ') + 1));
            assertEquals(System.currentTimeMillis() / 1e3 + Duration.ofDays(90).toSeconds(), seconds, 86_400);
        }
    }

    @Test
    void start_keyOfAnotherCertificate_isRefused() throws Exception {
        ServerConfig config = config(Map.of());
        Files.writeString(folder.resolve("key.pem"), other.pkcs8());

        String message = assertThrows(ConfigException.class, () -> PushyServer.start(config))
                .getMessage();

        assertTrue(message.startsWith("tls.key-file: " + folder.resolve("key.pem")), message);
    }

    private PushyServer start(Map<String, String> more) throws Exception {
        return PushyServer.start(config(more));
    }

    private ServerConfig config(Map<String, String> more) throws Exception {
        Path certificates = Files.writeString(folder.resolve("cert.pem"), issued.leaf() + issued.issuers());
        Path key = Files.writeString(folder.resolve("key.pem"), issued.pkcs8());
        Map<String, String> flags = new HashMap<>(Map.of("dev", "true", "port", "0", "tls.port", "0"));
        flags.putAll(Map.of("tls.cert-file", certificates.toString(), "tls.key-file", key.toString()));
        flags.putAll(Map.of("reload-interval", "100ms", "drain-time", "1s"));
        flags.putAll(more);
        return ServerConfig.load(null, Map.of(), flags);
    }

    private static HttpClient client(TestCertificate trusted, HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(trusted.client())
                .build();
    }

    private static HttpRequest.Builder request(PushyServer server, String target) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.tlsPort() + target))
                .timeout(PATIENCE);
    }

    private static HttpResponse<String> get(PushyServer server, String target) throws Exception {
        return client(issued, HttpClient.Version.HTTP_1_1)
                .send(request(server, target).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** By the port without TLS, which does not depend on the certificate. */
    private static String post(PushyServer server, String target, String body) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + target))
                                .timeout(PATIENCE)
                                .headers(PUBLISHER)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return answer.body();
    }

    private static String token(PushyServer server, String channel) throws Exception {
        String body = post(server, "/token", "{\"sub\":\"me\",\"channels\":[\"" + channel + "\"]}");
        return body.replaceAll(".*\"token\":\"([^\"]+)\".*", "$1");
    }

    private static void publish(PushyServer server, String channel, String text) throws Exception {
        post(server, "/publish/" + channel, "{\"data\":\"" + text + "\"}");
    }

    private static WebSocket webSocket(PushyServer server, String token, BlockingQueue<String> seen) throws Exception {
        URI uri = URI.create("wss://127.0.0.1:" + server.tlsPort() + "/channels/ws?channels=news&token=" + token);
        return client(issued, HttpClient.Version.HTTP_1_1)
                .newWebSocketBuilder()
                .buildAsync(uri, new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                        seen.add(data.toString());
                        socket.request(1);
                        return null;
                    }
                })
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static String next(BlockingQueue<String> seen) throws InterruptedException {
        String text = seen.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return text == null ? "nothing came" : text;
    }

    private static void awaitLine(BufferedReader lines, String part) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(part)) {
                return;
            }
        }
        throw new AssertionError("the stream ended before " + part);
    }

    private static void awaitMetric(PushyServer server, String line) throws Exception {
        URI metrics = URI.create("http://127.0.0.1:" + server.port() + "/metrics");
        HttpClient client = HttpClient.newHttpClient();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String text = "";
        while (System.nanoTime() < deadline) {
            text = client.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            if (text.lines().anyMatch(line::equals)) {
                return;
            }
        }
        throw new AssertionError("no " + line + " in\n" + text);
    }

    /** A handshake with exactly this version; the one that was agreed on. */
    private static String shake(PushyServer server, String version) throws Exception {
        try (SSLSocket socket =
                (SSLSocket) issued.client().getSocketFactory().createSocket("127.0.0.1", server.tlsPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.setEnabledProtocols(new String[] {version});
            socket.startHandshake();
            return socket.getSession().getProtocol();
        }
    }

    /**
     * What the server says to the first message of a client, written here byte by byte (RFC 5246, section 7.4.1.2): the
     * JDK's own client refuses to speak the versions that the server should refuse.
     */
    private static String answerToHello(PushyServer server, int version) throws IOException {
        ByteBuffer hello = ByteBuffer.allocate(512);
        hello.put((byte) 1).put((byte) 0).putShort((short) 0);
        hello.putShort((short) version).put(new byte[32]).put((byte) 0);
        hello.put(HexFormat.of().parseHex("0004" + "c02bc009" + "0100"));
        // Groups, point formats, signatures, and the extended master secret.
        String extensions = "000a00080006" + "00170018001d"
                + "000b00020100"
                + "000d000e000c" + "040305030603080404010501"
                + "00170000";
        hello.putShort((short) (extensions.length() / 2));
        hello.put(HexFormat.of().parseHex(extensions));
        hello.putShort(2, (short) (hello.position() - 4));
        ByteBuffer record = ByteBuffer.allocate(600);
        record.put((byte) 22).putShort((short) 0x0301).putShort((short) hello.position());
        record.put(hello.flip());
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.tlsPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(record.array(), 0, record.position());
            byte[] answer = socket.getInputStream().readNBytes(7);
            return answer[0] == 22 ? SERVER_HELLO : "alert " + answer[5] + " " + answer[6];
        }
    }

    /** The certificate that a new client gets to see. */
    private static Certificate served(PushyServer server) throws Exception {
        for (TestCertificate trusted : new TestCertificate[] {issued, other}) {
            try (SSLSocket socket =
                    (SSLSocket) trusted.client().getSocketFactory().createSocket("127.0.0.1", server.tlsPort())) {
                socket.startHandshake();
                return socket.getSession().getPeerCertificates()[0];
            } catch (SSLException e) {
                // Not the one that this client trusts.
            }
        }
        throw new AssertionError("neither certificate is served");
    }
}
