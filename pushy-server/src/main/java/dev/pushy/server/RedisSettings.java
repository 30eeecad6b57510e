package dev.pushy.server;

import dev.pushy.redis.RedisConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is configured of Redis, checked. */
final class RedisSettings {
    /** Keys that are for the broker in Redis alone. */
    private static final String BELOW = "redis";

    private final Settings settings;

    private RedisSettings(Settings settings) {
        this.settings = settings;
    }

    /**
     * What is configured, if Redis is.
     *
     * @param indexAge how long the place of a message is known
     */
    static @Nullable RedisConfig read(Settings settings, Duration indexAge) {
        return new RedisSettings(settings).read(indexAge);
    }

    private @Nullable RedisConfig read(Duration indexAge) {
        Optional<Secret> url = settings.optional(Secret.class, ConfigKey.REDIS_URL);
        if (url.isEmpty()) {
            if (settings.hasAt(BELOW) && !settings.has(ConfigKey.REDIS_URL)) {
                settings.faultAt(BELOW, "has no effect without redis-url; set that, or remove what stands here");
            }
            return null;
        }
        if (settings.has(ConfigKey.HISTORY_MEMORY)) {
            settings.fault(
                    "has no effect beside redis-url, since Redis keeps the messages; remove it, and bound the memory of"
                            + " Redis with its maxmemory",
                    ConfigKey.HISTORY_MEMORY);
        }
        return builder(url.get().reveal())
                .map(builder -> filled(builder, url.get().reveal(), indexAge))
                .map(RedisConfig.Builder::build)
                .orElse(null);
    }

    private Optional<RedisConfig.Builder> builder(String url) {
        try {
            return Optional.of(RedisConfig.builder(url));
        } catch (IllegalArgumentException e) {
            settings.fault(String.valueOf(e.getMessage()), ConfigKey.REDIS_URL);
            return Optional.empty();
        }
    }

    private RedisConfig.Builder filled(RedisConfig.Builder builder, String url, Duration indexAge) {
        builder.lanes(settings.number(ConfigKey.REDIS_LANES))
                .queue(settings.number(ConfigKey.REDIS_QUEUE))
                .connectTimeout(settings.duration(ConfigKey.REDIS_CONNECT_TIMEOUT))
                .commandTimeout(settings.duration(ConfigKey.REDIS_COMMAND_TIMEOUT))
                .publishDeadline(settings.duration(ConfigKey.REDIS_PUBLISH_DEADLINE))
                .canary(settings.duration(ConfigKey.REDIS_CANARY))
                .indexAge(indexAge)
                .indexEntries(settings.number(ConfigKey.REDIS_INDEX_ENTRIES));
        settings.optional(Integer.class, ConfigKey.REDIS_PARTITIONS).ifPresent(builder::partitions);
        try {
            builder.prefix(settings.text(ConfigKey.REDIS_PREFIX));
        } catch (IllegalArgumentException e) {
            settings.fault(String.valueOf(e.getMessage()), ConfigKey.REDIS_PREFIX);
        }
        sentinels(builder, url);
        tls(builder, url);
        return builder;
    }

    private void sentinels(RedisConfig.Builder builder, String url) {
        for (ConfigKey key : List.of(ConfigKey.REDIS_SENTINEL_USER, ConfigKey.REDIS_SENTINEL_PASSWORD)) {
            if (settings.has(key) && !url.contains("-sentinel://")) {
                settings.fault("has no effect without redis-sentinel:// in redis-url; remove it", key);
            }
        }
        Optional<String> user = settings.optional(String.class, ConfigKey.REDIS_SENTINEL_USER);
        Optional<Secret> password = settings.optional(Secret.class, ConfigKey.REDIS_SENTINEL_PASSWORD);
        password.ifPresent(secret -> builder.sentinelCredentials(user.orElse(null), secret.reveal()));
        if (user.isPresent() && !settings.has(ConfigKey.REDIS_SENTINEL_PASSWORD)) {
            settings.fault("is missing beside redis.sentinel-user", ConfigKey.REDIS_SENTINEL_PASSWORD);
        }
    }

    private void tls(RedisConfig.Builder builder, String url) {
        List<ConfigKey> keys = List.of(ConfigKey.REDIS_CA_FILE, ConfigKey.REDIS_CERT_FILE, ConfigKey.REDIS_KEY_FILE);
        if (!url.startsWith("rediss")) {
            keys.stream()
                    .filter(settings::has)
                    .forEach(key -> settings.fault(
                            "has no effect without TLS; write rediss:// in redis-url, or remove this", key));
            return;
        }
        Optional<PemFile> authorities = file(ConfigKey.REDIS_CA_FILE);
        Optional<PemFile> certificate = file(ConfigKey.REDIS_CERT_FILE);
        Optional<PemFile> privateKey = file(ConfigKey.REDIS_KEY_FILE);
        if (certificate.isPresent() != privateKey.isPresent()) {
            settings.fault(
                    "is missing beside the other of redis.cert-file and redis.key-file",
                    certificate.isPresent() ? ConfigKey.REDIS_KEY_FILE : ConfigKey.REDIS_CERT_FILE);
            return;
        }
        if (authorities.isPresent() || certificate.isPresent()) {
            try {
                builder.sslSocketFactory(
                        RedisTls.read(authorities.orElse(null), certificate.orElse(null), privateKey.orElse(null)));
            } catch (ConfigException e) {
                e.faults().forEach(fault -> settings.faultAt(fault.key(), fault.message()));
            }
        }
    }

    private Optional<PemFile> file(ConfigKey key) {
        return settings.optional(String.class, key).map(path -> new PemFile(key, Path.of(path)));
    }
}
