package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is configured is what is served. */
class PushyServerTest {
    private static final String[] PUBLISHER = {
        "X-Client-ID", SampleCredentials.CLIENT_ID, "X-Client-Secret", SampleCredentials.CLIENT_SECRET
    };

    @Test
    void main_servesHttp2WithoutTls() throws Exception {
        try (PushyServer server = start(Map.of())) {
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_2)
                    .build()
                    .send(
                            HttpRequest.newBuilder(uri(server, "/health/ready")).build(),
                            HttpResponse.BodyHandlers.ofString());

            assertEquals(HttpClient.Version.HTTP_2, answer.version());
            assertEquals(200, answer.statusCode());
        }
    }

    @Test
    void publish_largerThanTheLimit_isRefused() throws Exception {
        try (PushyServer server = start(Map.of("limits.message", "1KiB"))) {
            assertEquals(200, publish(server, "news", "x".repeat(1000)).statusCode());
            HttpResponse<String> answer = publish(server, "news", "x".repeat(1100));

            assertEquals(413, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("too_large"), answer.body());
        }
    }

    @Test
    void publish_largerThanThePolicyOfItsChannel_isRefused() throws Exception {
        try (PushyServer server = start(Map.of("channels.small.*.message", "10B"))) {
            assertEquals(413, publish(server, "small.one", "x".repeat(20)).statusCode());
            assertEquals(200, publish(server, "large.one", "x".repeat(20)).statusCode());
        }
    }

    @Test
    void publisher_withHashedSecretAndPatterns_mayWhatTheyCover() throws Exception {
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest("a-long-enough-secret".getBytes(StandardCharsets.UTF_8));
        String publishers =
                "[{id: newsroom, secrets: ['sha256:" + HexFormat.of().formatHex(hash) + "'], channels: ['news.**']}]";
        try (PushyServer server = start(Map.of("apps.default.publishers", publishers))) {
            String[] newsroom = {"X-Client-ID", "newsroom", "X-Client-Secret", "a-long-enough-secret"};

            assertEquals(
                    200,
                    post(server, "/publish/news.sports", "{\"data\":1}", newsroom)
                            .statusCode());
            assertEquals(
                    403,
                    post(server, "/publish/weather", "{\"data\":1}", newsroom).statusCode());
            newsroom[3] = "a-long-enough-secreT";
            assertEquals(
                    401,
                    post(server, "/publish/news.sports", "{\"data\":1}", newsroom)
                            .statusCode());
        }
    }

    @Test
    void publisher_ofASecondApp_hasChannelsOfItsOwn() throws Exception {
        String app = "{secrets: [{secret: 0123456789abcdef0123456789abcdef}],"
                + " publishers: [{id: shop, secrets: [a-secret-of-the-shop]}]}";
        try (PushyServer server = start(Map.of("apps", "{shop: " + app + "}"))) {
            String[] shop = {"X-Client-ID", "shop", "X-Client-Secret", "a-secret-of-the-shop"};
            assertEquals(
                    200,
                    post(server, "/publish/news", "{\"data\":\"shops\"}", shop).statusCode());

            assertTrue(get(server, "/history/news", shop).body().contains("shops"));
            assertTrue(!get(server, "/history/news", PUBLISHER).body().contains("shops"));
        }
    }

    @Test
    void token_inTheQuery_isRefusedWhereSwitchedOff() throws Exception {
        try (PushyServer allowing = start(Map.of());
                PushyServer refusing = start(Map.of("token.query", "false"))) {
            String token = token(allowing);

            assertEquals(200, get(allowing, "/history/news?token=" + token).statusCode());
            assertEquals(401, get(refusing, "/history/news?token=" + token).statusCode());
        }
    }

    @Test
    void publicKeyFile_thatHoldsNone_isAFault(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("key.pem"), "no key");

        ConfigException e = assertThrows(
                ConfigException.class, () -> start(Map.of("apps.default.public-keys", "[{file: '" + file + "'}]")));

        assertTrue(e.getMessage().contains("apps.default.public-keys: " + file), e.getMessage());
    }

    @Test
    void token_ofAPublicKeyFile_isAccepted(@TempDir Path folder) throws Exception {
        KeyPair pair = rsa();
        Path file = Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(pair.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");

        try (PushyServer server = start(Map.of("apps.default.public-keys", "[{file: '" + file + "'}]"))) {
            assertEquals(
                    200,
                    get(server, "/history/news", "Authorization", "Bearer " + signed(pair, null))
                            .statusCode());
            assertEquals(
                    401,
                    get(server, "/history/news", "Authorization", "Bearer " + signed(rsa(), null))
                            .statusCode());
        }
    }

    @Test
    void token_ofAJwksUrl_isAccepted() throws Exception {
        KeyPair pair = rsa();
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String keys = "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"k1\",\"n\":\""
                + base64.encodeToString(key.getModulus().toByteArray()) + "\",\"e\":\""
                + base64.encodeToString(key.getPublicExponent().toByteArray()) + "\"}]}";
        try (Loopback issuer =
                        new Loopback(exchange -> exchange.getResponseSender().send(keys));
                PushyServer server = start(
                        Map.of("apps.default.jwks-url", issuer.uri("/keys").toString()))) {
            HttpResponse<String> answer = get(server, "/history/news", "Authorization", "Bearer " + signed(pair, "k1"));

            assertEquals(200, answer.statusCode(), answer.body());
        }
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static String signed(KeyPair pair, String keyId) {
        return JWT.create()
                .withKeyId(keyId)
                .withSubject("me")
                .withArrayClaim("channels", new String[] {"news"})
                .sign(Algorithm.RSA256((RSAPublicKey) pair.getPublic(), (RSAPrivateKey) pair.getPrivate()));
    }

    @Test
    void cors_isWhatTheAppAllows() throws Exception {
        try (PushyServer all = start(Map.of());
                PushyServer one = start(Map.of("apps.default.cors-origins", "https://a.example"))) {
            assertEquals("*", allowedOrigin(all, "https://b.example"));
            assertEquals("https://a.example", allowedOrigin(one, "https://a.example"));
            assertEquals("", allowedOrigin(one, "https://b.example"));
        }
    }

    @Test
    void metrics_countWhatHappened() throws Exception {
        try (PushyServer server = start(Map.of())) {
            publish(server, "news", "one");
            publish(server, "news", "two");

            String metrics = get(server, "/metrics").body();
            assertTrue(metrics.contains("pushy_publishes_total{result=\"accepted\",} 2.0"), metrics);
            assertTrue(metrics.contains("pushy_ready 1.0"), metrics);
        }
    }

    @Test
    void hugeHead_isRefusedAndHarmsNoOne() throws Exception {
        try (PushyServer server = start(Map.of());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            assertThrows(SocketException.class, () -> {
                OutputStream out = socket.getOutputStream();
                out.write("GET /health/ready HTTP/1.1\r\nHost: x\r\nX-Long: ".getBytes(StandardCharsets.US_ASCII));
                byte[] part = "x".repeat(64 * 1024).getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i < 160; i++) {
                    out.write(part);
                }
            });

            assertEquals(200, get(server, "/health/ready").statusCode());
        }
    }

    @Test
    void request_withTheNextOneBehindIt_isAnsweredAtOnce() throws Exception {
        try (PushyServer server = start(Map.of());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
                                    + "POST /publish/news HTTP/1.1\r\nHost: x\r\nX-Client-ID: " + PUBLISHER[1]
                                    + "\r\nX-Client-Secret: " + PUBLISHER[3]
                                    + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"data\":")
                            .getBytes(StandardCharsets.US_ASCII));
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            assertEquals("HTTP/1.1 200 OK", answers.readLine());
        }
    }

    @Test
    void close_whileARequestIsOpen_isNotReadyAndTakesNoConnection() throws Exception {
        PushyServer server = start(Map.of());
        try (Socket early = new Socket(InetAddress.getLoopbackAddress(), server.port());
                Socket publish = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            early.setSoTimeout(20_000);
            publish.setSoTimeout(20_000);
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(early.getInputStream(), StandardCharsets.US_ASCII));
            assertEquals("HTTP/1.1 200 OK", ready(early, answers));
            publish.getOutputStream()
                    .write(("POST /publish/news HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nX-Client-ID: "
                                    + PUBLISHER[1] + "\r\nX-Client-Secret: " + PUBLISHER[3]
                                    + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String asked = "HTTP/1.1 100 Continue\r\n\r\n";
            assertEquals(
                    asked, new String(publish.getInputStream().readNBytes(asked.length()), StandardCharsets.US_ASCII));

            int port = server.port();
            CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);

            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (accepts(port)) {
                assertTrue(System.nanoTime() < deadline, "the port still takes connections");
            }
            assertEquals("HTTP/1.1 503 Service Unavailable", ready(early, answers));
            assertTrue(!closed.isDone(), "a request is open");

            publish.getOutputStream().write("{\"data\":1}".getBytes(StandardCharsets.US_ASCII));
            assertTrue(new String(publish.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .startsWith("HTTP/1.1 200"));
            closed.get(20, TimeUnit.SECONDS);
            server.close();
        }
    }

    @Test
    void start_portTaken_leavesNoThread() throws Exception {
        try (PushyServer server = start(Map.of())) {
            StartException e =
                    assertThrows(StartException.class, () -> start(Map.of("port", Integer.toString(server.port()))));

            assertTrue(e.getMessage().contains("port is in use"), e.getMessage());
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> !thread.isDaemon() && thread.getName().startsWith("pushy "))) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> "left: " + Thread.getAllStackTraces().keySet());
            Thread.onSpinWait();
        }
    }

    private static PushyServer start(Map<String, String> flags) {
        Map<String, String> all = new HashMap<>(Map.of("dev", "true", "port", "0", "drain-time", "20s"));
        all.putAll(flags);
        return PushyServer.start(ServerConfig.load(null, Map.of(), all));
    }

    private static boolean accepts(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (SocketException e) {
            // Refused, or reset: the port was closed while this connection waited to be accepted.
            return false;
        }
    }

    /** Asks on an open connection and reads the whole answer. */
    private static String ready(Socket socket, BufferedReader answers) throws IOException {
        socket.getOutputStream()
                .write("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        String status = answers.readLine();
        int length = 0;
        for (String line = answers.readLine(); !line.isEmpty(); line = answers.readLine()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        for (int i = 0; i < length; i++) {
            answers.read();
        }
        return status;
    }

    private static HttpResponse<String> publish(PushyServer server, String channel, String text) throws Exception {
        return post(server, "/publish/" + channel, "{\"data\":\"" + text + "\"}", PUBLISHER);
    }

    private static String token(PushyServer server) throws Exception {
        String answer = post(server, "/token", "{\"sub\":\"me\",\"channels\":[\"news\"]}", PUBLISHER)
                .body();
        Matcher token = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(answer);
        assertTrue(token.find(), answer);
        return token.group(1);
    }

    private static String allowedOrigin(PushyServer server, String origin) throws Exception {
        return get(server, "/history/news", "Origin", origin)
                .headers()
                .firstValue("Access-Control-Allow-Origin")
                .orElse("");
    }

    private static HttpResponse<String> get(PushyServer server, String target, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(server, target)).timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(PushyServer server, String target, String body, String... headers)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(server, target))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .headers(headers)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static URI uri(PushyServer server, String target) {
        return URI.create("http://127.0.0.1:" + server.port() + target);
    }
}
