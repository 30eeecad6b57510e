package dev.pushy.examples.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Pushy;
import dev.pushy.undertow.PushyHandler;
import dev.pushy.undertow.pusher.AppRegistry;
import dev.pushy.undertow.pusher.PusherApp;
import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example with Pushy behind it, as two pages of a real Chromium use it, and as somebody who should not. */
class ChatTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long PAGES_SECONDS = 120;
    /** The server's tests drive browsers from there, and have the packages that this takes. */
    private static final Path SCRIPTS = Path.of("../../pushy-server/src/test/js");

    private final HttpClient client = HttpClient.newHttpClient();
    private Pushy pushy;
    private PushyHandler push;
    private Undertow server;
    private Chat chat;

    /** One app, however it is asked for. */
    private record OneApp(PusherApp app) implements AppRegistry {
        @Override
        public Optional<PusherApp> byKey(String key) {
            return Optional.of(app).filter(one -> one.key(key).isPresent());
        }

        @Override
        public Optional<PusherApp> byId(String id) {
            return Optional.of(app).filter(one -> one.id().equals(id));
        }

        @Override
        public Optional<PusherApp> byTenant(String tenant) {
            return Optional.of(app).filter(one -> one.tenant().equals(tenant));
        }
    }

    @BeforeEach
    void start() throws IOException {
        Chat.App sample = Chat.App.SAMPLE;
        pushy = Pushy.builder().start();
        push = PushyHandler.builder(pushy)
                .apps(new OneApp(PusherApp.builder(sample.id())
                        .key(sample.key(), sample.secret())
                        .build()))
                .build();
        server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(push)
                .build();
        server.start();
        int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        chat = Chat.start(new Chat.App(sample.id(), sample.key(), sample.secret(), "127.0.0.1", port), 0);
    }

    @AfterEach
    void stop() {
        chat.close();
        server.stop();
        push.close();
        pushy.close();
    }

    private HttpResponse<String> post(String path, String form) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + chat.port() + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void pages_ofTwoUsers_talkAndSeeEachOther(@TempDir Path folder) throws Exception {
        assertTrue(
                Files.isDirectory(SCRIPTS.resolve("node_modules/playwright-core")),
                "the packages of " + SCRIPTS + " are missing: run bin/check, which installs them (or npm ci there)");
        Path said = folder.resolve("said.txt");
        Process pages = new ProcessBuilder("node", "example-chat.mjs", "http://127.0.0.1:" + chat.port() + "/")
                .directory(SCRIPTS.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            boolean ended = pages.waitFor(PAGES_SECONDS, TimeUnit.SECONDS);
            String text = Files.readString(said, StandardCharsets.UTF_8);
            assertTrue(ended, () -> "the pages did not end; they said:\n" + text);
            assertEquals(0, pages.exitValue(), text);
        } finally {
            pages.descendants().forEach(ProcessHandle::destroyForcibly);
            pages.destroyForcibly();
        }
    }

    @Test
    void authorization_ofWhomItIsNotFor_isRefused() throws Exception {
        assertEquals(
                200,
                post("/pusher/auth", "socket_id=1.2&channel_name=presence-chat&user=ann")
                        .statusCode());
        assertEquals(
                403,
                post("/pusher/auth", "socket_id=1.2&channel_name=presence-chat").statusCode());
        assertEquals(
                403,
                post("/pusher/auth", "socket_id=1.2&channel_name=private-other&user=ann")
                        .statusCode());
        assertEquals(
                400,
                post("/pusher/auth", "socket_id=x&channel_name=presence-chat&user=ann")
                        .statusCode());
    }

    @Test
    void message_withoutAText_isRefused() throws Exception {
        assertEquals(200, post("/messages", "user=ann&text=hello").statusCode());
        assertEquals(400, post("/messages", "user=ann&text=").statusCode());
        assertEquals(400, post("/messages", "user=&text=hello").statusCode());
    }
}
