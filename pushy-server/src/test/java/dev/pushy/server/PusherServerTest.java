package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Pusher protocol as the server is configured for it. */
@Timeout(120)
class PusherServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String[] PUBLISHER = {
        "X-Client-ID", SampleCredentials.CLIENT_ID, "X-Client-Secret", SampleCredentials.CLIENT_SECRET
    };

    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();

    @Test
    void sampleApp_hearsTriggersAndNativePublishes() throws Exception {
        try (PushyServer server = start(Map.of())) {
            WebSocket socket = subscribed(server, "my-app-key", "news");

            assertEquals(
                    200,
                    trigger(server, "1", "my-app-key", "my-app-secret", "news", "{\\\"a\\\":1}")
                            .statusCode());
            assertEquals("{\"event\":\"e\",\"channel\":\"news\",\"data\":\"{\\\"a\\\":1}\"}", frame());

            HttpRequest publish = HttpRequest.newBuilder(uri(server, "/publish/news"))
                    .headers(PUBLISHER)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"event\":\"n\",\"data\":{\"b\":2}}"))
                    .build();
            assertEquals(
                    200,
                    client.send(publish, HttpResponse.BodyHandlers.ofString()).statusCode());
            assertEquals("{\"event\":\"n\",\"channel\":\"news\",\"data\":\"{\\\"b\\\":2}\"}", frame());
            socket.abort();
        }
    }

    @Test
    void apps_haveChannelsAndCredentialsOfTheirOwn() throws Exception {
        String apps = "{one: {pusher: {id: 11, keys: [{key: k1, secret: the-secret-of-one}]}},"
                + " two: {pusher: {id: 22, keys: [{key: k2, secret: the-secret-of-two}]}}}";
        try (PushyServer server = start(Map.of("apps", apps))) {
            WebSocket socket = subscribed(server, "k1", "news");

            assertEquals(
                    200,
                    trigger(server, "22", "k2", "the-secret-of-two", "news", "two")
                            .statusCode());
            assertEquals(
                    401,
                    trigger(server, "11", "k2", "the-secret-of-two", "news", "wrong")
                            .statusCode());
            assertEquals(
                    200,
                    trigger(server, "11", "k1", "the-secret-of-one", "news", "one")
                            .statusCode());
            assertEquals("{\"event\":\"e\",\"channel\":\"news\",\"data\":\"one\"}", frame());
            socket.abort();
        }
    }

    @Test
    void pathPrefix_standsBeforeAllPaths() throws Exception {
        try (PushyServer server = start(Map.of("pusher.path", "/realtime"))) {
            WebSocket socket = subscribed(server, "/realtime/app/my-app-key", "ws", client, "news");
            socket.abort();

            assertEquals(
                    200,
                    trigger(
                                    server,
                                    "/realtime/apps/1/events",
                                    "my-app-key",
                                    "my-app-secret",
                                    "{\"name\":\"e\",\"channel\":\"x\",\"data\":\"1\"}")
                            .statusCode());
        }
    }

    @Test
    void tlsOnlyApp_isServedOverWssAlone(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.selfSigned(folder, "tls", "EC");
        Map<String, String> flags = new HashMap<>(Map.of("tls.port", "0"));
        flags.put(
                "tls.cert-file",
                Files.writeString(folder.resolve("c.pem"), certificate.leaf()).toString());
        flags.put(
                "tls.key-file",
                Files.writeString(folder.resolve("k.pem"), certificate.pkcs8()).toString());
        flags.put("apps", "{one: {pusher: {id: 11, tls-only: true, keys: [{key: k1, secret: the-secret-of-one}]}}}");
        try (PushyServer server = start(flags)) {
            WebSocket refused = open("ws://127.0.0.1:" + server.port() + "/app/k1?protocol=7", client);
            assertTrue(frame().contains("\"code\":4000"));
            refused.abort();

            HttpClient trusting =
                    HttpClient.newBuilder().sslContext(certificate.client()).build();
            subscribed(server, "/app/k1", "wss", trusting, "news").abort();
        }
    }

    @Test
    void webhook_ofTheConfiguration_isTold() throws Exception {
        BlockingQueue<String> hooks = new LinkedBlockingQueue<>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/hook", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            hooks.add(exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
        String apps = "{one: {pusher: {id: 11, keys: [{key: k1, secret: the-secret-of-one}], webhooks: [{url:"
                + " 'http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook', events: [channel_occupied],"
                + " headers: {Authorization: Bearer mine}}]}}}";
        try (PushyServer server = start(Map.of("apps", apps))) {
            subscribed(server, "k1", "news").abort();

            String told = hooks.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertTrue(told != null && told.startsWith("Bearer mine {"), told);
            assertTrue(told.contains("\"name\":\"channel_occupied\""), told);
            await(server, "pushy_webhook_events_delivered_total 1.0");
        } finally {
            receiver.stop(0);
        }
    }

    private static PushyServer start(Map<String, String> more) {
        Map<String, String> flags = new HashMap<>(Map.of("dev", "true", "port", "0", "drain-time", "1s"));
        flags.putAll(more);
        return PushyServer.start(ServerConfig.load(null, Map.of(), flags));
    }

    private WebSocket subscribed(PushyServer server, String key, String channel) throws Exception {
        return subscribed(server, "/app/" + key, "ws", client, channel);
    }

    private WebSocket subscribed(PushyServer server, String path, String scheme, HttpClient by, String channel)
            throws Exception {
        int port = scheme.equals("wss") ? server.tlsPort() : server.port();
        WebSocket socket = open(scheme + "://127.0.0.1:" + port + path + "?protocol=7", by);
        assertTrue(frame().contains("pusher:connection_established"));
        socket.sendText("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\"}}", true)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertTrue(frame().contains("pusher_internal:subscription_succeeded"));
        return socket;
    }

    private WebSocket open(String address, HttpClient by) throws Exception {
        return by.newWebSocketBuilder()
                .buildAsync(URI.create(address), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                        frames.add(data.toString());
                        socket.request(1);
                        return null;
                    }
                })
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private String frame() throws InterruptedException {
        String frame = frames.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return frame == null ? "nothing came" : frame;
    }

    private HttpResponse<String> trigger(
            PushyServer server, String app, String key, String secret, String channel, String data) throws Exception {
        String body = "{\"name\":\"e\",\"channel\":\"" + channel + "\",\"data\":\"" + data + "\"}";
        return trigger(server, "/apps/" + app + "/events", key, secret, body);
    }

    private HttpResponse<String> trigger(PushyServer server, String path, String key, String secret, String body)
            throws Exception {
        byte[] md5 = MessageDigest.getInstance("MD5").digest(body.getBytes(StandardCharsets.UTF_8));
        String query = "auth_key=" + key + "&auth_timestamp=" + System.currentTimeMillis() / 1000
                + "&auth_version=1.0&body_md5=" + HexFormat.of().formatHex(md5);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signature = mac.doFinal(("POST\n" + path + "\n" + query).getBytes(StandardCharsets.UTF_8));
        URI uri = uri(
                server, path + "?" + query + "&auth_signature=" + HexFormat.of().formatHex(signature));
        return client.send(
                HttpRequest.newBuilder(uri)
                        .timeout(PATIENCE)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private void await(PushyServer server, String metric) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String text = "";
        while (!text.contains(metric)) {
            assertTrue(System.nanoTime() < deadline, text);
            text = client.send(
                            HttpRequest.newBuilder(uri(server, "/metrics")).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static URI uri(PushyServer server, String target) {
        return URI.create("http://127.0.0.1:" + server.port() + target);
    }
}
