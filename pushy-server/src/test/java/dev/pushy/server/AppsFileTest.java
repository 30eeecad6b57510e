package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.pushy.undertow.pusher.PusherApp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class AppsFileTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    Path folder;

    @Test
    void load_appsOfBothFiles_areTogether() throws Exception {
        Path apps = apps(app("two", 2));
        Path main =
                Files.writeString(folder.resolve("pushy.yaml"), "apps-file: " + apps + "\napps:\n  " + app("one", 1));

        ServerConfig config = ServerConfig.load(main, Map.of("PUSHY_APPS_TWO_PUSHER_LIMITS_BATCH", "3"), Map.of());

        assertEquals(
                List.of("default", "one", "two"),
                config.apps().stream().map(AppConfig::id).toList());
        PusherApp two = config.apps().get(2).pusher();
        assertNotNull(two);
        assertEquals("2", two.id());
        assertEquals(3, two.limits().eventsPerBatch());
    }

    @Test
    void load_fileNamedByFlagOrEnvironment_isRead() throws Exception {
        Path apps = apps(app("one", 1));

        assertEquals(
                2,
                ServerConfig.load(null, Map.of(), Map.of("apps-file", apps.toString()))
                        .apps()
                        .size());
        assertEquals(
                2,
                ServerConfig.load(null, Map.of("PUSHY_APPS_FILE", apps.toString()), Map.of())
                        .apps()
                        .size());
    }

    @Test
    void load_appInBothFiles_isAFault() throws Exception {
        Path apps = apps(app("one", 1));
        Path main =
                Files.writeString(folder.resolve("pushy.yaml"), "apps-file: " + apps + "\napps:\n  " + app("one", 1));

        assertTrue(faults(main).contains(apps + ":1:1: apps.one: stands twice, first at " + main + ":3:3"));
    }

    @Test
    void load_badFile_tellsItsLines() throws Exception {
        Path apps = apps("one:\n  pusher:\n    id: 1\n    key: []\n");
        Path main = Files.writeString(folder.resolve("pushy.yaml"), "apps-file: " + apps + "\n");

        assertTrue(faults(main).contains(apps + ":4:5: apps.one.pusher.key: no such key; did you mean \"keys\"?"));
        Files.delete(apps);
        assertTrue(faults(main).contains(apps + ": there is no such file"));
    }

    @Test
    void file_changed_isInForceWithoutARestart() throws Exception {
        Path apps = apps(app("one", 1));
        try (RecordedLog log = new RecordedLog(LiveFiles.class);
                PushyServer server = start(apps)) {
            assertEquals(401, status(server, "/apps/1/channels"));
            assertEquals(404, status(server, "/apps/2/channels"));

            Files.writeString(apps, app("one", 1) + app("two", 2));
            await(() -> status(server, "/apps/2/channels") == 401);
            assertEquals(401, status(server, "/apps/1/channels"));

            Files.writeString(apps, app("two", 2) + "three:\n  pusher:\n    id: [\n");
            await(() -> metrics(server).contains("pushy_apps_file_outdated 1.0"));
            assertEquals(401, status(server, "/apps/1/channels"));
            String said = log.messages(Level.WARN).get(0);
            assertTrue(said.contains(apps + ":"), said);

            Files.writeString(apps, app("two", 2));
            await(() -> status(server, "/apps/1/channels") == 404);
            assertEquals(401, status(server, "/apps/2/channels"));
            await(() -> metrics(server).contains("pushy_apps_file_outdated 0.0"));
            assertTrue(metrics(server).contains("pushy_pusher_apps 1.0"));
        }
    }

    @Test
    void replace_nativeSecretsChanged_saysThatTheyWait() throws Exception {
        ConfiguredApps apps = new ConfiguredApps(
                ServerConfig.load(null, Map.of(), Map.of("dev", "true")).apps(), true);
        try (RecordedLog log = new RecordedLog(ConfiguredApps.class)) {
            apps.replace(
                    ServerConfig.load(null, Map.of(), Map.of("dev", "true")).apps());
            assertEquals(List.of(), log.messages(Level.WARN));

            apps.replace(ServerConfig.load(
                            null,
                            Map.of("PUBLISHER_CLIENT_ID", "another", "PUBLISHER_CLIENT_SECRET", "a-publisher-secret"),
                            Map.of("dev", "true"))
                    .apps());
            assertTrue(log.messages(Level.WARN).get(0).startsWith("App default: its secrets, publishers"));
        }
    }

    @Test
    void shortSecretOfPusher_isWarnedOf() throws Exception {
        try (RecordedLog log = new RecordedLog(ConfiguredApps.class)) {
            Map<String, String> poxa = Map.of("POXA_APP_KEY", "k", "POXA_SECRET", "hush", "POXA_APP_ID", "1");
            ConfiguredApps apps =
                    new ConfiguredApps(ServerConfig.load(null, poxa, Map.of()).apps(), false);

            assertTrue(apps.byKey("k").isPresent());
            assertTrue(log.messages(Level.WARN).get(0).contains("the secret of key k has less than 16 characters"));
            assertTrue(!log.messages(Level.WARN).get(0).contains("hush"));
        }
    }

    private static String app(String name, int id) {
        return name + ": { pusher: { id: " + id + ", keys: [{ key: key-" + id + ", secret: a-secret-of-app-" + id
                + " }] } }\n";
    }

    private Path apps(String text) throws IOException {
        return Files.writeString(folder.resolve("apps.yaml"), text);
    }

    private static String faults(Path main) {
        return assertThrows(ConfigException.class, () -> ServerConfig.load(main, Map.of(), Map.of()))
                .getMessage();
    }

    private static PushyServer start(Path apps) {
        return PushyServer.start(ServerConfig.load(
                null,
                Map.of(),
                Map.of(
                        "dev",
                        "true",
                        "port",
                        "0",
                        "drain-time",
                        "1s",
                        "reload-interval",
                        "100ms",
                        "apps-file",
                        apps.toString())));
    }

    private static int status(PushyServer server, String target) throws Exception {
        return get(server, target).statusCode();
    }

    private static String metrics(PushyServer server) throws Exception {
        return get(server, "/metrics").body();
    }

    private static HttpResponse<String> get(PushyServer server, String target) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + target);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadline, "it never came true");
        }
    }
}
