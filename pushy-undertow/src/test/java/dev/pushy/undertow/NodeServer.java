package dev.pushy.undertow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.ChannelPolicy;
import dev.pushy.core.Grant;
import dev.pushy.core.Limits;
import dev.pushy.core.Pushy;
import dev.pushy.core.jwt.JwtTokenService;
import dev.pushy.undertow.api.Publisher;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.handlers.PathHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A node in memory behind a real port, mounted at {@code /push} of an Undertow server, with clients that are not ours. */
public final class NodeServer implements AutoCloseable {
    static final String ID = "backend";
    static final String SECRET = "a-secret-of-the-backend";
    static final String SHOP_SECRET = "a-secret-of-the-shop";
    static final String KEY = "a-key-for-tests-that-has-enough-bytes-for-an-hmac-of-512-bits-0123456789";
    static final String ORIGIN = "https://app.example.com";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    final Pushy pushy;
    final PushyHandler handler;
    final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final Undertow server;

    NodeServer() {
        this(builder -> builder, builder -> builder);
    }

    NodeServer(UnaryOperator<Pushy.Builder> node, UnaryOperator<PushyHandler.Builder> settings) {
        ChannelPolicy policy = ChannelPolicy.DEFAULT;
        Map<ChannelPattern, ChannelPolicy> policies = Map.of(
                ChannelPattern.of("room.*"), policy.withPresence(true),
                ChannelPattern.of("small.*"), policy.withDataBytes(20),
                ChannelPattern.of("readonly.*"), policy.withClientPublish(false),
                ChannelPattern.of("live.*"), policy.withHistory(0, Duration.ZERO));
        pushy = node.apply(Pushy.builder()
                        .tokens(JwtTokenService.builder()
                                .secret(KEY)
                                .secret("shop", null, KEY + "shop")
                                .build())
                        .policies(new ChannelPolicies(policies, policy))
                        .limits(Limits.builder()
                                .subscriptions(20)
                                .patterns(5)
                                .batch(10)
                                .presenceGrace(Duration.ofMillis(50))
                                .interestLinger(Duration.ofMillis(50))
                                .build()))
                .start();
        handler = settings.apply(PushyHandler.builder(pushy)
                        .publisher(ID, SECRET)
                        .publisher(new Publisher(
                                "default", "limited", List.of(SECRET), List.of(ChannelPattern.of("orders.*"))))
                        .publisher(new Publisher(
                                "shop", "shop", List.of(SHOP_SECRET), List.of(ChannelPattern.of("shop", "**"))))
                        .allowedOrigins(ORIGIN)
                        .allowedOrigins("shop", List.of("https://shop.example.com")))
                .build();
        server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, 32 * 1024)
                .setIoThreads(2)
                .setWorkerThreads(2)
                .setHandler(
                        new PathHandler(exchange -> exchange.setStatusCode(418).endExchange())
                                .addPrefixPath("/push", handler))
                .build();
        server.start();
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + "/push" + path;
    }

    String token(String subject, String... channels) {
        List<ChannelPattern> patterns =
                List.of(channels).stream().map(ChannelPattern::of).toList();
        return pushy.issue(Grant.of(subject, patterns));
    }

    /** Publishes as the backend. */
    String publish(String channel, String data) {
        Answer answer = post("/publish/" + channel, "{\"data\":" + data + "}", publisher());
        if (answer.status() != 200) {
            throw new AssertionError(answer.toString());
        }
        return answer.json().get("id").asText();
    }

    static String[] publisher() {
        return new String[] {"X-Client-ID", ID, "X-Client-Secret", SECRET};
    }

    static String[] limited() {
        return new String[] {"X-Client-ID", "limited", "X-Client-Secret", SECRET};
    }

    static String[] bearer(String token) {
        return new String[] {"Authorization", "Bearer " + token};
    }

    Answer post(String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(path)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    Answer get(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(path)));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response =
                    http.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers().map(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends bytes as they are, and reads all that comes until the server closes or nothing came for a while. */
    String raw(String request) throws IOException {
        return raw(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    String raw(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(10_000);
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
            } catch (IOException e) {
                // The server need not read all before it refuses; what it said is still there to be read.
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    SseClient stream(String query, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url("/channels/stream" + query)))
                .header("Accept", "text/event-stream");
        return SseClient.open(http, headers.length == 0 ? request : request.headers(headers));
    }

    WsClient webSocket(String query, String... subprotocols) {
        return WsClient.open(http, URI.create(url("/channels/ws" + query).replace("http:", "ws:")), subprotocols);
    }

    /** Waits until something holds, and fails if it does not come to hold. */
    static void await(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for: " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    @Override
    public void close() {
        server.stop();
        handler.close();
        pushy.close();
    }

    /** An HTTP answer. */
    record Answer(int status, Map<String, List<String>> headers, String body) {
        JsonNode json() {
            return NodeServer.json(body);
        }

        String header(String name) {
            for (Map.Entry<String, List<String>> entry : headers.entrySet()) {
                if (entry.getKey().equalsIgnoreCase(name)) {
                    return entry.getValue().get(0);
                }
            }
            return null;
        }
    }
}
