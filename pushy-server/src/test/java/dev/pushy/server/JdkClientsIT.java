package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The JDK's own clients against the packaged server: SSE over HTTP/1.1 and HTTP/2, and WebSocket. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JdkClientsIT {
    private static final String[] PUBLISHER = {
        "X-Client-ID", SampleCredentials.CLIENT_ID, "X-Client-Secret", SampleCredentials.CLIENT_SECRET
    };

    private ServerProcess server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = ServerProcess.runJar(ServerJarIT.jar(), folder, Map.of(), "start", "--dev", "--port", "0");
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private String token(String channel) throws IOException, InterruptedException {
        String body = "{\"sub\":\"user-1\",\"channels\":[\"" + channel + "\"]}";
        return member(server.post("/token", body, PUBLISHER).body(), "token");
    }

    private void publish(String channel, int data) throws IOException, InterruptedException {
        assertEquals(
                200,
                server.post("/publish/" + channel, "{\"data\":" + data + "}", PUBLISHER)
                        .statusCode());
    }

    private static String member(String json, String name) {
        int begin = json.indexOf('"' + name + "\":\"") + name.length() + 4;
        return json.substring(begin, json.indexOf('"', begin));
    }

    /** A stream of blocks; closing it ends the request. */
    private static final class Stream implements AutoCloseable {
        private final HttpResponse<InputStream> response;
        private final Scanner lines;
        private String lastId = "";

        Stream(HttpResponse<InputStream> response) {
            this.response = response;
            this.lines = new Scanner(response.body(), StandardCharsets.UTF_8);
        }

        /** The data of all blocks up to the one with this text. */
        List<String> until(String text) {
            List<String> all = new ArrayList<>();
            while (lines.hasNextLine()) {
                String line = lines.nextLine();
                if (line.startsWith("id: ")) {
                    lastId = line.substring("id: ".length());
                } else if (line.startsWith("data: ")) {
                    all.add(line.substring("data: ".length()));
                    if (line.contains(text)) {
                        return all;
                    }
                }
            }
            throw new AssertionError("the stream ended after " + all);
        }

        @Override
        public void close() {
            lines.close();
        }
    }

    private Stream stream(HttpClient client, String token, String lastId) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri("/channels/stream"))
                .headers("Authorization", "Bearer " + token, "Accept", "text/event-stream");
        if (!lastId.isEmpty()) {
            request.header("Last-Event-ID", lastId);
        }
        return new Stream(client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                .get(20, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void stream_leftAndResumed_hasEachMessageOnce(HttpClient.Version version) throws Exception {
        HttpClient client = HttpClient.newBuilder().version(version).build();
        String channel = "jdk." + version;
        String token = token("jdk.*");
        String lastId;
        try (Stream first = stream(client, token, "")) {
            assertEquals(200, first.response.statusCode());
            assertEquals(version, first.response.version());
            assertEquals(
                    "text/event-stream; charset=utf-8",
                    first.response.headers().firstValue("Content-Type").orElse(""));
            first.until("\"resumed\":false");
            publish(channel, 1);
            first.until("\"data\":1,");
            publish(channel, 2);
            first.until("\"data\":2,");
            lastId = first.lastId;
        }
        publish(channel, 3);
        publish(channel, 4);

        try (Stream second = stream(client, token, lastId)) {
            List<String> missed = second.until("\"resumed\":true");
            assertEquals(3, missed.size(), missed.toString());
            assertTrue(missed.get(0).contains("\"data\":3,"), missed.toString());
            assertTrue(missed.get(1).contains("\"data\":4,"), missed.toString());
            publish(channel, 5);
            assertEquals(1, second.until("\"data\":5,").size());
        }
    }

    /** Many streams on one HTTP/2 connection do not stand in each other's way. */
    @Test
    void streams_onOneHttp2Connection_allHear() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        List<Stream> streams = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                streams.add(stream(client, token("many." + i), ""));
                streams.get(i).until("\"resumed\":false");
            }
            for (int i = 0; i < 20; i++) {
                publish("many." + i, i);
            }
            for (int i = 0; i < 20; i++) {
                assertEquals(1, streams.get(i).until("\"data\":" + i + ",").size());
            }
        } finally {
            streams.forEach(Stream::close);
        }
    }

    /** Whole texts as they come, then the close code. */
    private static final class Ear implements WebSocket.Listener {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add("closed " + code);
            return null;
        }

        String next() throws InterruptedException {
            String one = heard.poll(20, TimeUnit.SECONDS);
            if (one == null) {
                throw new AssertionError("nothing came within 20 s");
            }
            return one;
        }
    }

    @Test
    void webSocket_inFragmentsAndWithALargeMessage_isUnderstood() throws Exception {
        Ear ear = new Ear();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("pushy.v1", "bearer." + token("jdk.*"))
                .buildAsync(
                        java.net.URI.create(server.uri("/channels/ws?channels=jdk.*")
                                .toString()
                                .replace("http:", "ws:")),
                        ear)
                .get(20, TimeUnit.SECONDS);
        assertEquals("pushy.v1", socket.getSubprotocol());
        assertTrue(ear.next().startsWith("{\"type\":\"open\""));

        String data = "\"" + "ä€🎈".repeat(2_000) + "\"";
        String frame = "{\"type\":\"publish\",\"channel\":\"jdk.ws\",\"data\":" + data + ",\"ref\":7}";
        socket.sendText(frame.substring(0, 20), false).get(20, TimeUnit.SECONDS);
        socket.sendText(frame.substring(20), true).get(20, TimeUnit.SECONDS);
        List<String> answers = List.of(ear.next(), ear.next());

        assertTrue(
                answers.stream().anyMatch(one -> one.startsWith("{\"type\":\"message\"") && one.contains(data)),
                answers.toString());
        assertTrue(
                answers.stream()
                        .anyMatch(one -> one.startsWith("{\"type\":\"published\"") && one.contains("\"ref\":7")),
                answers.toString());
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").get(20, TimeUnit.SECONDS);
        assertEquals("closed 1000", ear.next());
    }
}
