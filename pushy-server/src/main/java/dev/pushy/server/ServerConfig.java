package dev.pushy.server;

import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.Limits;
import dev.pushy.redis.RedisConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything the server can be told, checked and complete. {@link ConfigKey} says what each value means.
 *
 * @param dev whether this is development mode
 * @param listen where to listen for clients
 * @param drainTime how long a graceful stop may take
 * @param threads how many threads there are and how much may wait for them
 * @param apps the apps, {@code default} among them
 * @param appsFile the file that has more of them and is read again when it changes; null for none
 * @param pusher what holds for all apps of the Pusher protocol
 * @param tokens what tokens are like
 * @param limits bounds of what clients may send and hold
 * @param headBytes most bytes of a request's head
 * @param bodyTime how long a client may take to send a body
 * @param history how much is kept for clients that come back
 * @param redis the Redis that joins the nodes; null for one node, in memory
 * @param nodeUrl where the other nodes reach this one; null to find out
 * @param policies what holds for the channels of a pattern
 * @param streams how open connections are kept
 * @param metrics who gets the metrics, and where
 * @param readyWithoutBroker whether the node stays ready while the backplane is away altogether
 * @param reloadInterval how often files that are read again without a restart are looked at
 * @param logging what is logged, and how
 * @param input what all this was made from
 */
record ServerConfig(
        boolean dev,
        Listen listen,
        Duration drainTime,
        Threads threads,
        List<AppConfig> apps,
        @Nullable Path appsFile,
        Pusher pusher,
        Tokens tokens,
        Limits limits,
        int headBytes,
        Duration bodyTime,
        History history,
        @Nullable RedisConfig redis,
        @Nullable URI nodeUrl,
        ChannelPolicies policies,
        Streams streams,
        Metrics metrics,
        boolean readyWithoutBroker,
        Duration reloadInterval,
        Logging logging,
        ConfigInput input) {

    /** How many threads there are, and how many tasks may wait for the workers. */
    record Threads(int io, int worker, int queue) {
        static Threads read(Settings settings) {
            int cores = Runtime.getRuntime().availableProcessors();
            int io = settings.number(ConfigKey.IO_THREADS);
            int worker = settings.number(ConfigKey.WORKER_THREADS);
            return new Threads(
                    io == 0 ? cores : io,
                    worker == 0 ? Math.max(2, cores) : worker,
                    settings.number(ConfigKey.WORKER_QUEUE));
        }
    }

    /** What tokens are like; no {@code maxLife} is for ever. */
    record Tokens(
            Duration ttl,
            Duration maxTtl,
            Duration leeway,
            boolean requireExp,
            List<String> issuers,
            List<String> audiences,
            @Nullable Duration maxLife,
            boolean query,
            Duration authTimeout) {
        static Tokens read(Settings settings) {
            Tokens tokens = new Tokens(
                    settings.duration(ConfigKey.TOKEN_TTL),
                    settings.duration(ConfigKey.TOKEN_MAX_TTL),
                    settings.duration(ConfigKey.TOKEN_LEEWAY),
                    settings.yes(ConfigKey.TOKEN_REQUIRE_EXP),
                    settings.texts(ConfigKey.TOKEN_ISSUERS),
                    settings.texts(ConfigKey.TOKEN_AUDIENCES),
                    settings.optional(Duration.class, ConfigKey.TOKEN_MAX_LIFE).orElse(null),
                    settings.yes(ConfigKey.TOKEN_QUERY),
                    settings.duration(ConfigKey.TOKEN_AUTH_TIMEOUT));
            if (tokens.ttl.compareTo(tokens.maxTtl) > 0) {
                settings.fault(
                        "is longer than token.max-ttl (" + tokens.maxTtl.toSeconds() + "s); raise that or lower this",
                        ConfigKey.TOKEN_TTL);
            }
            return tokens;
        }
    }

    /** How much is kept; no number of bytes in memory is the broker's own choice. */
    record History(@Nullable Long memory, Duration indexAge) {
        private static final Duration USUAL = Duration.ofMinutes(15);

        static History read(Settings settings, ChannelPolicies policies) {
            Duration longest = policies.longestHistory();
            Duration twice = longest.multipliedBy(2);
            Duration indexAge = settings.optional(Duration.class, ConfigKey.HISTORY_INDEX_AGE)
                    .orElse(twice.compareTo(USUAL) > 0 ? twice : USUAL);
            if (indexAge.compareTo(longest) <= 0) {
                settings.fault(
                        "must be more than the longest history-age (" + longest.toSeconds() + "s); raise it",
                        ConfigKey.HISTORY_INDEX_AGE);
            }
            return new History(
                    settings.optional(Long.class, ConfigKey.HISTORY_MEMORY).orElse(null), indexAge);
        }
    }

    /** What holds for all apps of the Pusher protocol; no path is an empty text. */
    record Pusher(String path, Duration pongTimeout) {
        static Pusher read(Settings settings) {
            String path = settings.optional(String.class, ConfigKey.PUSHER_PATH).orElse("");
            if (!path.matches("(/[A-Za-z0-9._~-]+)*/?")) {
                settings.fault("is no path; it should look like /realtime", ConfigKey.PUSHER_PATH);
            }
            return new Pusher(path, settings.duration(ConfigKey.PUSHER_PONG_TIMEOUT));
        }
    }

    /** How open connections are kept. */
    record Streams(Duration heartbeat, Duration maxAge, Duration ping, boolean compression, Duration sockJsHeartbeat) {
        static Streams read(Settings settings) {
            return new Streams(
                    settings.duration(ConfigKey.HEARTBEAT),
                    settings.duration(ConfigKey.STREAM_MAX_AGE),
                    settings.duration(ConfigKey.PING),
                    settings.yes(ConfigKey.COMPRESSION),
                    settings.duration(ConfigKey.SOCKJS_HEARTBEAT));
        }
    }

    /** Who gets the metrics; no port is the main port, no token is everybody. */
    record Metrics(
            @Nullable Integer port, String bind, @Nullable Secret token) {
        static Metrics read(Settings settings, Listen listen) {
            Metrics metrics = new Metrics(
                    settings.optional(Integer.class, ConfigKey.METRICS_PORT).orElse(null),
                    settings.optional(String.class, ConfigKey.METRICS_BIND).orElse(listen.bind()),
                    settings.optional(Secret.class, ConfigKey.METRICS_TOKEN).orElse(null));
            if (metrics.port != null && metrics.port != 0 && listen.ports().contains(metrics.port)) {
                settings.fault("is a main port; choose another, or remove the key", ConfigKey.METRICS_PORT);
            }
            return metrics;
        }
    }

    /** What is logged, and how. */
    record Logging(boolean json, String level, boolean access) {
        static Logging read(Settings settings) {
            return new Logging(
                    settings.text(ConfigKey.LOG_FORMAT).equals("json"),
                    settings.text(ConfigKey.LOG_LEVEL),
                    settings.yes(ConfigKey.LOG_ACCESS));
        }
    }

    /**
     * Reads the configuration.
     *
     * @param file the file, if there is one
     * @param environment the environment
     * @param flags path and value of each flag
     * @throws ConfigException with everything that is wrong
     */
    static ServerConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
        ConfigInput input = new ConfigInput(file, environment, flags);
        return read(input, settings -> read(settings, input));
    }

    /**
     * The apps as the file of the apps has them now; all else is as it was at the start.
     *
     * @throws ConfigException with everything that is wrong
     */
    List<AppConfig> readApps() {
        return read(input, settings -> AppConfig.readAll(settings, dev));
    }

    private static <T> T read(ConfigInput input, Function<Settings, T> reader) {
        List<Fault> faults = new ArrayList<>();
        T read = reader.apply(Settings.read(ConfigSources.merge(input, faults), faults));
        if (!faults.isEmpty()) {
            throw new ConfigException(faults);
        }
        return read;
    }

    private static ServerConfig read(Settings settings, ConfigInput input) {
        boolean dev = settings.yes(ConfigKey.DEV);
        Listen listen = Listen.read(settings);
        List<AppConfig> apps = AppConfig.readAll(settings, dev);
        ChannelPolicies policies = Bounds.policies(settings);
        History history = History.read(settings, policies);
        return new ServerConfig(
                dev,
                listen,
                settings.duration(ConfigKey.DRAIN_TIME),
                Threads.read(settings),
                apps,
                settings.optional(String.class, ConfigKey.APPS_FILE)
                        .map(Path::of)
                        .orElse(null),
                Pusher.read(settings),
                Tokens.read(settings),
                Bounds.limits(settings),
                (int) settings.bytes(ConfigKey.HEAD_BYTES),
                settings.duration(ConfigKey.BODY_TIME),
                history,
                RedisSettings.read(settings, history.indexAge()),
                NodeUrl.read(settings),
                policies,
                Streams.read(settings),
                Metrics.read(settings, listen),
                settings.yes(ConfigKey.READY_WITHOUT_BROKER),
                settings.duration(ConfigKey.RELOAD),
                Logging.read(settings),
                input);
    }
}
