package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPolicy;
import dev.pushy.core.SlowConsumer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {
    private static final String KEY = "0123456789abcdef0123456789abcdef";
    private static final String SECRET = "a-publisher-secret";
    private static final Map<String, String> DEV = Map.of("dev", "true");
    private static final Map<String, String> SEEDS =
            Map.of("AUTH_SECRET_KEY", KEY, "PUBLISHER_CLIENT_ID", "backend", "PUBLISHER_CLIENT_SECRET", SECRET);

    @TempDir
    Path folder;

    @Test
    void load_seedsEnvironment_isEnough() {
        ServerConfig config = ServerConfig.load(null, SEEDS, Map.of());

        assertEquals("0.0.0.0", config.listen().bind());
        assertEquals(4000, config.listen().port());
        assertEquals(Duration.ofSeconds(30), config.drainTime());
        AppConfig app = config.apps().get(0);
        assertEquals("default", app.id());
        assertEquals(KEY, app.keys().get(0).secret().reveal());
        assertEquals("backend", app.publishers().get(0).id());
        assertEquals(SECRET, app.publishers().get(0).secrets().get(0).reveal());
        assertEquals(List.of("**"), app.publishers().get(0).channels());
        assertEquals(List.of(), app.corsOrigins());
    }

    @Test
    void load_defaults_areThoseOfTheSpecification() {
        ServerConfig config = ServerConfig.load(null, SEEDS, Map.of());

        assertEquals(Duration.ofDays(1), config.tokens().ttl());
        assertEquals(Duration.ofSeconds(30), config.tokens().leeway());
        assertNull(config.tokens().maxLife());
        assertTrue(config.tokens().query());
        assertEquals(32 * 1024, config.headBytes());
        assertEquals(64, config.limits().jsonDepth());
        assertEquals(500, config.limits().subscriptions());
        assertEquals(100, config.limits().patterns());
        assertEquals(512 * 1024, config.limits().backlogBytes());
        assertEquals(1000, config.limits().historyMessages());
        assertEquals(100, config.limits().batch());
        assertEquals(64 * 1024, config.limits().clientMessageBytes());
        assertEquals(ChannelPolicy.DEFAULT, config.policies().of(Channel.of("news")));
        assertEquals(Duration.ofSeconds(15), config.streams().heartbeat());
        assertEquals(Duration.ofHours(6), config.streams().maxAge());
        assertEquals(Duration.ofSeconds(25), config.streams().ping());
        assertFalse(config.streams().compression());
        assertEquals(Duration.ofSeconds(25), config.streams().sockJsHeartbeat());
        assertTrue(config.readyWithoutBroker());
        assertFalse(config.logging().access());
    }

    @Test
    void load_noSecrets_saysWhatToSet() {
        String message = faults(Map.of(), Map.of());

        assertTrue(message.contains("AUTH_SECRET_KEY"), message);
        assertTrue(message.contains("openssl rand -base64 48"), message);
        assertTrue(message.contains("PUBLISHER_CLIENT_ID"), message);
        assertTrue(message.contains("PUBLISHER_CLIENT_SECRET"), message);
        assertTrue(message.contains("--dev"), message);
    }

    @Test
    void load_dev_needsNothingAndStaysOnThisMachine() {
        ServerConfig config = ServerConfig.load(null, Map.of(), DEV);

        assertEquals("127.0.0.1", config.listen().bind());
        assertFalse(config.listen().bindChosen());
        AppConfig app = config.apps().get(0);
        assertEquals(
                SampleCredentials.AUTH_SECRET_KEY, app.keys().get(0).secret().reveal());
        assertEquals(SampleCredentials.CLIENT_ID, app.publishers().get(0).id());
        assertEquals(List.of("*"), app.corsOrigins());
    }

    @Test
    void load_devWithBind_listensThere() {
        ServerConfig config = ServerConfig.load(null, Map.of(), Map.of("dev", "true", "bind", "0.0.0.0"));

        assertEquals("0.0.0.0", config.listen().bind());
        assertTrue(config.listen().bindChosen());
    }

    @Test
    void load_devWithOwnCredentials_keepsThem() {
        ServerConfig config = ServerConfig.load(null, SEEDS, DEV);

        AppConfig app = config.apps().get(0);
        assertEquals(1, app.publishers().size());
        assertEquals("backend", app.publishers().get(0).id());
        assertEquals(KEY, app.keys().get(0).secret().reveal());
    }

    @Test
    void load_sampleValuesOutsideDev_areRefused() {
        String message = faults(
                Map.of(
                        "AUTH_SECRET_KEY",
                        SampleCredentials.AUTH_SECRET_KEY,
                        "PUBLISHER_CLIENT_ID",
                        SampleCredentials.CLIENT_ID,
                        "PUBLISHER_CLIENT_SECRET",
                        SampleCredentials.CLIENT_SECRET),
                Map.of());

        assertTrue(message.contains("AUTH_SECRET_KEY: auth-secret-key: is a sample value"), message);
        assertTrue(message.contains("PUBLISHER_CLIENT_SECRET: publisher-client-secret: is a sample value"), message);
    }

    @Test
    void load_flagEnvironmentFileDefault_winInThisOrder() throws IOException {
        Path file = file("port: 1001\ndrain-time: 11s\nlimits:\n  batch: 11\n  patterns: 11\n");
        Map<String, String> environment = with(SEEDS, Map.of("PORT", "1002", "PUSHY_LIMITS_BATCH", "12"));

        ServerConfig config = ServerConfig.load(file, environment, Map.of("port", "1003"));

        assertEquals(1003, config.listen().port());
        assertEquals(12, config.limits().batch());
        assertEquals(11, config.limits().patterns());
        assertEquals(Duration.ofSeconds(11), config.drainTime());
        assertEquals(500, config.limits().subscriptions());
    }

    @Test
    void load_ownNameBesideSeedsName_ownNameWins() {
        assertEquals(
                1002,
                ServerConfig.load(null, with(SEEDS, Map.of("PORT", "1001", "PUSHY_PORT", "1002")), Map.of())
                        .listen()
                        .port());
    }

    @Test
    void load_emptyEnvironmentValue_isNone() {
        ServerConfig config = ServerConfig.load(null, with(SEEDS, Map.of("REDIS_URL", "", "PORT", "")), Map.of());

        assertEquals(4000, config.listen().port());
    }

    @Test
    void load_severalFaults_tellsAllWithFileLineAndColumn() throws IOException {
        Path file = file("""
                port: 70000
                drian-time: 30s
                limits:
                  batch: many
                  patterns: [1, 2]
                history: 5
                log:
                  format: xml
                """);
        ConfigException e = assertThrows(ConfigException.class, () -> ServerConfig.load(file, SEEDS, Map.of()));

        String all = e.getMessage();
        assertContains(all, file + ":1:7: port: \"70000\" will not do; it should be a whole number from 0 to 65535");
        assertContains(all, file + ":2:1: drian-time: no such key; did you mean \"drain-time\"?");
        assertContains(all, file + ":4:10: limits.batch: \"many\" will not do; it should be a whole number");
        assertContains(all, file + ":5:13: limits.patterns: is a list; it should be a whole number");
        assertContains(all, file + ":6:10: history: is a single value; it should hold keys and values: count, age");
        assertContains(all, file + ":8:11: log.format: \"xml\" will not do; it should be one of text, json");
        assertEquals(6, e.faults().size(), all);
    }

    @Test
    void load_faultsInAllSources_areToldTogether() throws IOException {
        Path file = file("port: x\n");
        ConfigException e = assertThrows(
                ConfigException.class,
                () -> ServerConfig.load(
                        file,
                        with(SEEDS, Map.of("PUSHY_LIMITS_BATCH", "0", "PUSHY_DRAIN_TIEM", "1s")),
                        Map.of("nonsense", "1", "drain-time", "soon")));

        String all = e.getMessage();
        assertContains(all, file + ":1:7: port");
        assertContains(all, "environment variable PUSHY_LIMITS_BATCH: limits.batch: \"0\" will not do");
        assertContains(all, "environment variable PUSHY_DRAIN_TIEM: is not known; did you mean PUSHY_DRAIN_TIME?");
        assertContains(all, "flag --set nonsense: no such key");
        assertContains(all, "flag --set drain-time: drain-time: \"soon\" will not do");
        assertEquals(5, e.faults().size(), all);
    }

    @Test
    void load_brokenYaml_tellsWhereWithoutQuotingIt() throws IOException {
        Path file = file("port: 4000\nauth-secret-key: \"tell-nobody-tell-nobody-tell-nobody\n");

        String message = assertThrows(ConfigException.class, () -> ServerConfig.load(file, SEEDS, Map.of()))
                .getMessage();

        assertContains(message, file + ":");
        assertContains(message, "is not YAML here");
        assertFalse(message.contains("tell-nobody"), message);
    }

    @Test
    void load_keyTwice_namesBothPlaces() throws IOException {
        Path file = file("port: 1\nport: 2\n");

        assertContains(faults(file), file + ":2:1: port: stands twice, first at " + file + ":1:1");
    }

    @Test
    void load_keyWithoutValue_isAFault() throws IOException {
        Path file = file("port:\n");

        assertContains(faults(file), "port: has no value");
    }

    @Test
    void load_missingFile_isAFault() {
        assertContains(faults(folder.resolve("none.yaml")), "there is no such file");
    }

    @Test
    void load_fileThatIsNoMapping_isAFault() throws IOException {
        assertContains(faults(file("- a\n- b\n")), "the file holds a list");
    }

    @Test
    void load_fileWithCommentsOnly_isFine() throws IOException {
        assertEquals(
                4000,
                ServerConfig.load(file("# nothing yet\n"), SEEDS, Map.of())
                        .listen()
                        .port());
    }

    @Test
    void load_appsOfTheFile_areComplete() throws IOException {
        Path file = file("""
                apps:
                  default:
                    secrets:
                      - { kid: new, secret: "%1$s" }
                      - { secret: "%1$s" }
                    publishers:
                      - id: one
                        secrets: [%2$s, "sha256:%3$s"]
                        channels: ["news.**", weather]
                    cors-origins: ["https://example.com"]
                  shop:
                    public-keys:
                      - { file: shop.pem, kid: k1 }
                    jwks-url: https://id.example.com/keys
                    publishers:
                      - { id: two, secrets: %2$s }
                """.formatted(KEY, SECRET, "ab".repeat(32)));

        ServerConfig config = ServerConfig.load(file, Map.of(), Map.of());

        AppConfig first = config.apps().get(0);
        assertEquals("new", first.keys().get(0).kid());
        assertEquals(2, first.keys().size());
        assertEquals(2, first.publishers().get(0).secrets().size());
        assertEquals(List.of("news.**", "weather"), first.publishers().get(0).channels());
        assertEquals(List.of("https://example.com"), first.corsOrigins());
        AppConfig shop = config.apps().get(1);
        assertEquals("shop", shop.id());
        assertEquals(
                new AppConfig.PublicKeyFile("k1", "shop.pem"), shop.publicKeys().get(0));
        assertEquals("https://id.example.com/keys", shop.jwksUrl());
        assertEquals("two", shop.publishers().get(0).id());
    }

    @Test
    void load_appByEnvironment_isTakenByItsName() {
        Map<String, String> environment = with(
                SEEDS,
                Map.of(
                        "PUSHY_APPS_MY_SHOP_SECRETS",
                        "[{kid: a, secret: " + KEY + "}]",
                        "PUSHY_APPS_MY_SHOP_PUBLISHERS",
                        "[{id: shop, secrets: [" + SECRET + "]}]",
                        "PUSHY_APPS_MY_SHOP_CORS_ORIGINS",
                        "https://a.example, https://b.example"));

        AppConfig shop = ServerConfig.load(null, environment, Map.of()).apps().get(1);

        assertEquals("my-shop", shop.id());
        assertEquals("a", shop.keys().get(0).kid());
        assertEquals("shop", shop.publishers().get(0).id());
        assertEquals(List.of("https://a.example", "https://b.example"), shop.corsOrigins());
    }

    @Test
    void load_publisherOfTwoApps_isAFault() throws IOException {
        Path file = file("""
                apps:
                  shop:
                    secrets: [{ secret: %s }]
                    publishers: [{ id: backend, secrets: [%s] }]
                """.formatted(KEY, SECRET));

        assertContains(faults(file), "\"backend\" is also a publisher of app default");
    }

    @Test
    void load_incompleteEntries_areFaults() throws IOException {
        Path file = file("""
                apps:
                  shop:
                    secrets: [{ kid: a }]
                    public-keys: [{ kid: b }]
                    publishers: [{ channels: [x] }]
                    cors-origins: [example.com]
                    jwks-url: ftp://x
                  Bad_Name: { }
                """);
        String message = faults(file);

        assertContains(message, "apps.shop.secrets[0].secret: is missing");
        assertContains(message, "apps.shop.public-keys[0].file: is missing");
        assertContains(message, "apps.shop.publishers[0].secrets: is missing");
        assertContains(message, "apps.shop.publishers[0].id: is missing");
        assertContains(message, "apps.shop.cors-origins: \"example.com\" is no origin");
        assertContains(message, "apps.shop.jwks-url: should begin with https://");
        assertContains(message, "apps.Bad_Name: is no app id");
    }

    @Test
    void load_shortSecrets_tellTheirLengthAndNothingElse() {
        String message = faults(
                Map.of(
                        "AUTH_SECRET_KEY", "pssst",
                        "PUBLISHER_CLIENT_ID", "backend",
                        "PUBLISHER_CLIENT_SECRET", "hush"),
                Map.of());

        assertContains(message, "auth-secret-key: has 5 bytes; it needs at least 32");
        assertContains(message, "publisher-client-secret: has 4 characters; it needs at least 16");
        assertFalse(message.contains("pssst") || message.contains("hush"), message);
    }

    @Test
    void load_badHash_isAFault() {
        String message = faults(with(SEEDS, Map.of("PUBLISHER_CLIENT_SECRET", "sha256:12ab")), Map.of());

        assertContains(message, "publisher-client-secret: begins with sha256: but 64 hex digits do not follow");
        assertFalse(message.contains("12ab"), message);
    }

    @Test
    void load_publisherWithoutSecret_isAFault() {
        String message = faults(Map.of("AUTH_SECRET_KEY", KEY, "PUBLISHER_CLIENT_ID", "backend"), Map.of());

        assertContains(message, "publisher-client-secret: is missing beside publisher-client-id");
    }

    @Test
    void load_policies_mostSpecificWinsAndRestIsInherited() throws IOException {
        Path file = file("""
                limits: { message: 10KiB }
                history: { count: 7, age: 1m }
                channels:
                  "chat.**": { presence: true, slow-consumer: skip-oldest }
                  "chat.quiet": { history-count: 0, client-publish: false, message: 5B }
                """);

        ServerConfig config = ServerConfig.load(file, SEEDS, Map.of());

        ChannelPolicy chat = config.policies().of(Channel.of("chat.1"));
        assertEquals(
                new ChannelPolicy(7, Duration.ofMinutes(1), true, true, SlowConsumer.SKIP_OLDEST, 10 * 1024), chat);
        ChannelPolicy quiet = config.policies().of(Channel.of("chat.quiet"));
        assertEquals(new ChannelPolicy(0, Duration.ofMinutes(1), false, false, SlowConsumer.DISCONNECT, 5), quiet);
        assertEquals(7, config.policies().of(Channel.of("news")).historySize());
    }

    @Test
    void load_policiesByFlagAndEnvironment_reachOneKey() {
        ServerConfig config = ServerConfig.load(
                null,
                with(SEEDS, Map.of("PUSHY_CHANNELS", "{'a.*': {presence: true, history-count: 3}}")),
                Map.of("channels.a.*.history-count", "4"));

        ChannelPolicy policy = config.policies().of(Channel.of("a.b"));
        assertEquals(4, policy.historySize());
        assertTrue(policy.presence());
    }

    @Test
    void load_patternThatIsNone_isAFaultWithItsPlace() throws IOException {
        Path file = file("channels:\n  new*: { presence: true }\n");

        assertContains(faults(file), file + ":2:3: channels.new*: is no channel and no pattern");
    }

    @Test
    void load_ttlAboveMaximum_isAFault() {
        assertContains(
                faults(SEEDS, Map.of("token.ttl", "2d", "token.max-ttl", "1d")),
                "token.ttl: is longer than token.max-ttl");
    }

    @Test
    void load_indexAgeBelowHistory_isAFault() {
        assertContains(
                faults(SEEDS, Map.of("history.index-age", "5m", "history.age", "10m")),
                "history.index-age: must be more than the longest history-age (600s)");
    }

    @Test
    void load_longHistory_raisesTheIndexAge() {
        assertEquals(
                Duration.ofHours(2),
                ServerConfig.load(null, SEEDS, Map.of("history.age", "1h"))
                        .history()
                        .indexAge());
    }

    @Test
    void load_backlogBelowOneMessage_isAFault() {
        assertContains(faults(SEEDS, Map.of("limits.backlog", "32KiB")), "limits.backlog: is less than limits.message");
    }

    @Test
    void load_metricsOnTheMainPort_isAFault() {
        assertContains(faults(SEEDS, Map.of("metrics.port", "4000")), "metrics.port: is a main port");
    }

    @Test
    void load_redisUrl_joinsNodesAndIsNeverShown() {
        Map<String, String> environment = with(
                SEEDS,
                Map.of(
                        "REDIS_URL",
                        "redis://:pass-word@db:6380/2",
                        "PUSHY_REDIS_PREFIX",
                        "shop:",
                        "PUSHY_REDIS_LANES",
                        "2"));

        ServerConfig config = ServerConfig.load(null, environment, Map.of("redis.partitions", "4"));

        assertEquals("SINGLE [db:6380]/2, prefix shop:, partitions 4", String.valueOf(config.redis()));
        assertFalse(config.toString().contains("pass-word"), config.toString());
    }

    @Test
    void load_noRedisUrl_isOneNode() {
        assertNull(ServerConfig.load(null, SEEDS, Map.of()).redis());
    }

    @Test
    void load_partitions_areSixteenInACluster() {
        ServerConfig config =
                ServerConfig.load(null, with(SEEDS, Map.of("REDIS_URL", "redis-cluster://a,b")), Map.of());

        assertEquals(16, config.redis().partitions());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "redis.prefix | pu{sh}y: | redis.prefix: the prefix \"pu{sh}y:\" must not be empty",
                "redis.partitions | 0 | redis.partitions: \"0\" will not do; it should be a whole number from 1 to 1024",
                "redis.canary | soon | redis.canary: \"soon\" will not do; it should be a duration from 100ms",
                "redis.sentinel-user | me | redis.sentinel-user: has no effect without redis-sentinel://",
                "redis.ca-file | ca.pem | redis.ca-file: has no effect without TLS; write rediss://",
                "history.memory | 1GiB | history.memory: has no effect beside redis-url",
            })
    void load_redisKeyThatWillNotDo_isAFault(String key, String value, String fault) {
        assertContains(faults(with(SEEDS, Map.of("REDIS_URL", "redis://db")), Map.of(key, value)), fault);
    }

    @Test
    void load_redisTls_wantsFilesThatAreThereAndGoTogether() {
        Map<String, String> environment = with(SEEDS, Map.of("REDIS_URL", "rediss://db"));

        assertContains(
                faults(environment, Map.of("redis.ca-file", "none.pem")),
                "--set redis.ca-file: redis.ca-file: none.pem: there is no such file");
        assertContains(
                faults(environment, Map.of("redis.key-file", "key.pem")),
                "redis.cert-file: is missing beside the other of redis.cert-file and redis.key-file");
    }

    @Test
    void load_redisSentinels_wantAPasswordWithTheUser() {
        Map<String, String> environment =
                with(SEEDS, Map.of("REDIS_URL", "redis-sentinel://a,b?master=m", "PUSHY_REDIS_SENTINEL_USER", "me"));

        assertContains(faults(environment, Map.of()), "redis.sentinel-password: is missing beside redis.sentinel-user");
        assertEquals(
                1,
                ServerConfig.load(null, with(environment, Map.of("PUSHY_REDIS_SENTINEL_PASSWORD", "pw")), Map.of())
                        .redis()
                        .partitions());
    }

    @Test
    void load_redisKeysWithoutUrl_areAFault() throws IOException {
        assertContains(
                faults(file("redis:\n  prefix: shop\n")), "pushy.yaml:1:1: redis: has no effect without redis-url");
    }

    @Test
    void load_badRedisUrl_isToldWithoutIt() {
        String message = faults(with(SEEDS, Map.of("REDIS_URL", "http://:pass-word@db")), Map.of());

        assertContains(message, "redis-url: is not a Redis URL; it should look like redis://host:6379");
        assertFalse(message.contains("pass-word"), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PUSHY_SERVICE_HOST",
                "PUSHY_SERVICE_PORT",
                "PUSHY_SERVICE_PORT_HTTP",
                "PUSHY_PORT_4000_TCP",
                "PUSHY_PORT_4000_TCP_ADDR",
                "PUSHY_REDIS_SERVICE_HOST",
                "PUSHY_REDIS_PORT_6379_TCP_PROTO"
            })
    void load_serviceLinkOfKubernetes_isIgnored(String name) {
        Map<String, String> environment =
                with(SEEDS, Map.of(name, "10.0.0.7", "PUSHY_PORT", "tcp://10.0.0.7:4000", "PUSHY_CONFIG", "x"));

        assertEquals(
                4000, ServerConfig.load(null, environment, Map.of()).listen().port());
    }

    @Test
    void toString_ofAnyConfiguration_holdsNoSecret() {
        String text = ServerConfig.load(null, SEEDS, Map.of("metrics.token", "let-me-see-the-metrics"))
                .toString();

        assertFalse(text.contains(KEY) || text.contains(SECRET) || text.contains("let-me-see"), text);
    }

    private String faults(Map<String, String> environment, Map<String, String> flags) {
        return assertThrows(ConfigException.class, () -> ServerConfig.load(null, environment, flags))
                .getMessage();
    }

    private String faults(Path file) {
        return assertThrows(ConfigException.class, () -> ServerConfig.load(file, SEEDS, Map.of()))
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
