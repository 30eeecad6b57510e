package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.undertow.pusher.AppFeatures;
import dev.pushy.undertow.pusher.AppKey;
import dev.pushy.undertow.pusher.AppLimits;
import dev.pushy.undertow.pusher.PusherApp;
import dev.pushy.undertow.pusher.Webhook;
import dev.pushy.undertow.pusher.WebhookEvent;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PusherConfigTest {
    private static final Map<String, String> POXA = Map.of(
            "POXA_APP_KEY", "poxa-key",
            "POXA_SECRET", "a-secret-of-poxa",
            "POXA_APP_ID", "poxa_id");
    private static final Map<String, String> NATIVE = Map.of(
            "AUTH_SECRET_KEY", "0123456789abcdef0123456789abcdef",
            "PUBLISHER_CLIENT_ID", "backend",
            "PUBLISHER_CLIENT_SECRET", "a-publisher-secret");

    @TempDir
    Path folder;

    @Test
    void load_environmentOfPoxa_isEnough() {
        Map<String, String> environment = with(
                POXA,
                Map.of(
                        "WEB_HOOK", "http://localhost:9000/hook?token=abc",
                        "ACTIVITY_TIMEOUT", "30",
                        "PAYLOAD_LIMIT", "20000",
                        "POXA_SSL", "false"));

        PusherApp app = first(ServerConfig.load(null, environment, Map.of()));

        assertEquals("poxa_id", app.id());
        assertEquals(Channel.DEFAULT_APP, app.tenant());
        assertEquals(List.of(new AppKey("poxa-key", "a-secret-of-poxa")), app.keys());
        assertEquals(Duration.ofSeconds(30), app.limits().activityTimeout());
        assertEquals(20_000, app.limits().dataBytes());
        assertEquals(List.of(Webhook.of(URI.create("http://localhost:9000/hook?token=abc"))), app.webhooks());
        assertTrue(app.isPublic(Channel.of("any.channel")));
    }

    @Test
    void load_noKey_isNoApp() {
        assertNull(ServerConfig.load(null, NATIVE, Map.of()).apps().get(0).pusher());
    }

    @Test
    void load_defaults_areThoseOfTheProtocol() {
        PusherApp app = first(ServerConfig.load(null, POXA, Map.of()));

        assertEquals(AppLimits.DEFAULT, app.limits());
        assertEquals(AppFeatures.DEFAULT, app.features());
        assertTrue(app.origins().allowsAll());
        assertEquals(List.of(), app.webhooks());
    }

    @Test
    void load_everythingOfAnApp_isTaken() throws IOException {
        Path file = file("""
                apps:
                  shop:
                    pusher:
                      id: 2002
                      keys:
                        - { key: old, secret: the-older-secret }
                        - { key: new, secret: the-newer-secret }
                      public-channels: ["public.**", news]
                      enabled: false
                      tls-only: true
                      origins: ["https://shop.example.com"]
                      client-events: false
                      users: false
                      subscription-count: true
                      lenient-data: true
                      authorize-within: 30s
                      terminate-for-good: false
                      limits:
                        connections: 1
                        message: 2KiB
                        channel-length: 3
                        event-length: 4
                        channels-per-event: 5
                        batch: 6
                        members: 7
                        member-id-length: 8
                        member: 9
                        watchlist: 10
                        client-events: 11
                        activity-timeout: 12s
                        cache-life: 13m
                      webhooks:
                        - url: https://shop.example.com/hook
                          events: [member_added, member_removed]
                          batch: false
                          prefix: presence-
                          suffix: -room
                          headers: { Authorization: Bearer of-the-receiver }
                """);

        PusherApp app =
                ServerConfig.load(file, Map.of(), Map.of()).apps().get(1).pusher();

        assertNotNull(app);
        assertEquals("2002", app.id());
        assertEquals("shop", app.tenant());
        assertEquals(List.of(new AppKey("old", "the-older-secret"), new AppKey("new", "the-newer-secret")), app.keys());
        assertEquals(
                new AppFeatures(false, true, false, false, true, true, Duration.ofSeconds(30), false), app.features());
        assertEquals(
                new AppLimits(1, 2048, 3, 4, 5, 6, 7, 8, 9, 10, 11, Duration.ofSeconds(12), Duration.ofMinutes(13)),
                app.limits());
        assertEquals(
                List.of(new Webhook(
                        URI.create("https://shop.example.com/hook"),
                        EnumSet.of(WebhookEvent.MEMBER_ADDED, WebhookEvent.MEMBER_REMOVED),
                        false,
                        "presence-",
                        "-room",
                        Map.of("Authorization", "Bearer of-the-receiver"))),
                app.webhooks());
        assertTrue(app.isPublic(Channel.of("shop", "news")));
        assertTrue(app.isPublic(Channel.of("shop", "public.a.b")));
        assertFalse(app.isPublic(Channel.of("shop", "other")));
        assertTrue(app.origins().allows("https://shop.example.com"));
        assertFalse(app.origins().allows("https://example.com"));
    }

    @Test
    void load_flagsAndEnvironment_reachSingleKeys() {
        Map<String, String> environment = with(
                POXA,
                Map.of(
                        "PUSHY_APPS_DEFAULT_PUSHER_LIMITS_MEMBERS", "500",
                        "PUSHY_APPS_DEFAULT_PUSHER_WEBHOOKS", "[{url: 'https://example.com/', events: cache_miss}]"));

        PusherApp app =
                first(ServerConfig.load(null, environment, Map.of("apps.default.pusher.subscription-count", "true")));

        assertEquals(500, app.limits().presenceMembers());
        assertTrue(app.features().subscriptionCount());
        assertEquals(Set.of(WebhookEvent.CACHE_MISS), app.webhooks().get(0).events());
        assertEquals("poxa_id", app.id());
    }

    @Test
    void load_nativeSecretsBesideIt_publicChannelsMustBeNamed() {
        String message = faults(with(POXA, NATIVE), Map.of());

        assertContains(message, "apps.default.pusher.public-channels: must be set, since the app has native secrets");
        assertContains(message, "[\"**\"] is all, [] none");
        PusherApp none = first(ServerConfig.load(
                null, with(with(POXA, NATIVE), Map.of("PUSHY_PUSHER_PUBLIC_CHANNELS", "[]")), Map.of()));
        assertFalse(none.isPublic(Channel.of("news")));
        PusherApp some =
                first(ServerConfig.load(null, with(POXA, NATIVE), Map.of("pusher.public-channels", "news, public.**")));
        assertTrue(some.isPublic(Channel.of("news")));
        assertFalse(some.isPublic(Channel.of("orders")));
    }

    @Test
    void load_dev_hasASampleAppWithAllChannels() {
        PusherApp app = first(ServerConfig.load(null, Map.of(), Map.of("dev", "true")));

        assertEquals(SampleCredentials.APP_ID, app.id());
        assertEquals(List.of(new AppKey(SampleCredentials.APP_KEY, SampleCredentials.APP_SECRET)), app.keys());
        assertTrue(app.isPublic(Channel.of("news")));
    }

    @Test
    void load_devWithAnAppOfItsOwn_keepsThatOne() {
        PusherApp app = first(ServerConfig.load(null, with(POXA, NATIVE), Map.of("dev", "true")));

        assertEquals("poxa_id", app.id());
        assertEquals(1, app.keys().size());
        assertTrue(app.isPublic(Channel.of("news")));
    }

    @Test
    void load_sampleSecretOutsideDev_isRefused() {
        for (String secret : List.of(SampleCredentials.APP_SECRET, "secret", "app-secret")) {
            assertContains(
                    faults(with(POXA, Map.of("POXA_SECRET", secret)), Map.of()),
                    "environment variable POXA_SECRET: pusher.app-secret: is a sample value that everybody knows");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POXA_APP_KEY, pusher.app-key: is missing",
        "POXA_SECRET, pusher.app-secret: is missing beside its key",
        "POXA_APP_ID, pusher.app-id: is missing"
    })
    void load_partOfPoxaMissing_isAFault(String name, String fault) {
        Map<String, String> environment = new HashMap<>(POXA);
        environment.remove(name);

        assertContains(faults(environment, Map.of()), fault);
    }

    @Test
    void load_twoApps_mustDifferInIdsAndKeys() throws IOException {
        Path file = file("""
                apps:
                  one:
                    pusher: { id: 1, keys: [{ key: k1, secret: a-secret-of-app-one }] }
                  two:
                    pusher:
                      id: 1
                      keys: [{ key: k2, secret: a-secret-of-app-two }, { key: k1, secret: another-of-app-two }]
                """);
        String message = faults(file);

        assertContains(message, file + ":6:11: apps.two.pusher.id: \"1\" is also the id of app one");
        assertContains(message, file + ":7:7: apps.two.pusher.keys: \"k1\" is also a key of app one");
    }

    @Test
    void load_faultsOfAnApp_areToldTogetherWithTheirPlaces() throws IOException {
        Path file = file("""
                apps:
                  bad:
                    pusher:
                      id: "a/b"
                      keys: [{ key: "a:b", secret: a-secret-of-the-app }, { key: ok }, { secret: a-secret-of-the-app }]
                      public-channels: ["a*"]
                      origins: [example.com]
                      limits: { connections: many, conections: 1 }
                      webhooks: [{ url: ftp://x }, { events: [nothing] }, { url: "http://x/ y" }, { url: "http://x", headers: { Host: h } }]
                  empty:
                    pusher: { id: 3 }
                """);
        String message = faults(file);

        assertContains(message, file + ":4:11: apps.bad.pusher.id: will not do in an address");
        assertContains(message, "apps.bad.pusher.keys[0].key: will not do in an address");
        assertContains(message, "apps.bad.pusher.keys[1].secret: is missing beside its key");
        assertContains(message, "apps.bad.pusher.keys[2].key: is missing");
        assertContains(message, "apps.bad.pusher.limits.connections: \"many\" will not do");
        assertContains(message, "apps.bad.pusher.limits.conections: no such key; did you mean \"connections\"?");
        assertContains(message, "apps.bad.pusher.webhooks[1].events: \"nothing\" will not do; it should be a list");
        assertContains(message, "apps.empty.pusher: has no key, and the Pusher protocol is off until it has one");
    }

    @Test
    void load_faultsBesideGoodKeys_areTold() throws IOException {
        Path file = file("""
                apps:
                  bad:
                    pusher:
                      id: 1
                      keys: [{ key: ok, secret: a-secret-of-the-app }]
                      public-channels: ["a*"]
                      origins: [example.com]
                      webhooks: [{ url: ftp://x }, { batch: true }, { url: "http://x/<secret>" }, { url: "http://x" }]
                """);
        String message = faults(file);

        assertContains(message, "apps.bad.pusher.public-channels: is no channel and no pattern");
        assertContains(message, "apps.bad.pusher.origins: \"example.com\" is no origin");
        assertContains(message, "apps.bad.pusher.webhooks[0].url: is no address for a POST");
        assertContains(message, "apps.bad.pusher.webhooks[1].url: is missing");
        assertContains(message, "apps.bad.pusher.webhooks[2].url: has a character at place 9");
        assertFalse(message.contains("<secret>"), message);
    }

    @Test
    void load_limitOfAnAppAboveTheServers_isAFault() throws IOException {
        Path file = file("""
                limits: { message: 20KiB, event-length: 100 }
                apps:
                  large:
                    pusher:
                      id: 1
                      keys: [{ key: ok, secret: a-secret-of-the-app }]
                      limits: { message: 30KiB, event-length: 200, channel-length: 200 }
                """);

        String message = faults(file);

        assertContains(
                message,
                "apps.large.pusher.limits.message: is 30720, more than limits.message of the server, which is 20480 and"
                        + " stands above it; raise that or lower this");
        assertContains(message, "apps.large.pusher.limits.event-length: is 200, more than limits.event-length");
        assertFalse(message.contains("channel-length"), message);
        assertContains(
                faults(POXA, Map.of("pusher.message", "70000")), "pusher.message: is 70000, more than limits.message");
    }

    @Test
    void load_serverWithLowerLimits_lowersWhatNobodyWrote() {
        AppLimits limits = first(
                        ServerConfig.load(null, POXA, Map.of("limits.message", "8KiB", "limits.event-length", "100")))
                .limits();

        assertEquals(8_192, limits.dataBytes());
        assertEquals(100, limits.eventLength());
    }

    @Test
    void load_idTwice_isAFault() {
        assertContains(
                faults(POXA, Map.of("apps.default.pusher.id", "7")),
                "pusher.app-id: is also set as apps.default.pusher.id");
    }

    @Test
    void load_onlyAnotherApp_defaultMayBeLeftOut() throws IOException {
        Path file = file("apps: { one: { pusher: { id: 1, keys: [{ key: k, secret: a-secret-of-the-app }] } } }\n");

        List<AppConfig> apps = ServerConfig.load(file, Map.of(), Map.of()).apps();

        assertNull(apps.get(0).pusher());
        assertNotNull(apps.get(1).pusher());
        assertContains(faults(file, Map.of("PUBLISHER_CLIENT_ID", "backend")), "auth-secret-key: is not set");
    }

    @Test
    void load_pusherPath_mustBeOne() {
        assertEquals(
                "/realtime",
                ServerConfig.load(null, POXA, Map.of("pusher.path", "/realtime"))
                        .pusher()
                        .path());
        assertContains(faults(POXA, Map.of("pusher.path", "realtime")), "pusher.path: is no path");
    }

    @Test
    void toString_ofAConfiguration_holdsNoSecretOfPusher() {
        String text = ServerConfig.load(null, with(POXA, Map.of("WEB_HOOK", "https://x/?token=abc")), Map.of())
                .toString();

        assertFalse(text.contains("a-secret-of-poxa") || text.contains("token=abc"), text);
    }

    private static PusherApp first(ServerConfig config) {
        PusherApp app = config.apps().get(0).pusher();
        assertNotNull(app);
        return app;
    }

    private static String faults(Map<String, String> environment, Map<String, String> flags) {
        return assertThrows(ConfigException.class, () -> ServerConfig.load(null, environment, flags))
                .getMessage();
    }

    private static String faults(Path file) {
        return faults(file, Map.of());
    }

    private static String faults(Path file, Map<String, String> environment) {
        return assertThrows(ConfigException.class, () -> ServerConfig.load(file, environment, Map.of()))
                .getMessage();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("pushy.yaml"), text);
    }

    private static Map<String, String> with(Map<String, String> some, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(some);
        all.putAll(more);
        return all;
    }

    private static void assertContains(String text, String part) {
        assertTrue(text.contains(part), () -> "\"" + part + "\" is not in:\n" + text);
    }
}
