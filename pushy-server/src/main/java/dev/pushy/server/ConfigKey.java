package dev.pushy.server;

import static dev.pushy.server.ConfigType.SECRET;
import static dev.pushy.server.ConfigType.TEXT;
import static dev.pushy.server.ConfigType.YES_NO;
import static dev.pushy.server.ConfigType.bytes;
import static dev.pushy.server.ConfigType.duration;
import static dev.pushy.server.ConfigType.listOf;
import static dev.pushy.server.ConfigType.number;
import static dev.pushy.server.ConfigType.oneOf;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every key of the configuration. This table is the only place that names them: the file, the environment, the flags
 * and {@code docs/configuration.md} all follow it.
 *
 * <p>In a path {@code <name>} stands for a name that the operator chooses and {@code []} for the items of a list.
 */
@SuppressWarnings("ImmutableEnumChecker") // lists are copies, and the types' readers hold no state
enum ConfigKey {
    DEV("dev", YES_NO, "false", "Development mode: sample credentials, this machine only. Same as the flag `--dev`."),
    BIND("bind", TEXT, "0.0.0.0", "Address to listen on. In development mode the default is `127.0.0.1`."),
    PORT("port", number(0, 65535), "4000", "TCP port to listen on; 0 takes any free one.", "PORT"),
    TLS(
            "tls.enabled",
            YES_NO,
            null,
            "Serve HTTPS, WSS and HTTP/2. Default: true where `tls.cert-file` is set.",
            "POXA_SSL"),
    TLS_PORT("tls.port", number(0, 65535), "8443", "Port for TLS; 0 takes any free one.", "SSL_PORT"),
    TLS_ONLY("tls.only", YES_NO, "false", "Serve over TLS only: `port` is not opened."),
    TLS_CERT_FILE(
            "tls.cert-file",
            TEXT,
            null,
            "PEM file of the certificate, followed by those of its issuers.",
            "SSL_CERTFILE"),
    TLS_KEY_FILE(
            "tls.key-file",
            TEXT,
            null,
            "PEM file of its private key, RSA or EC, without a pass phrase.",
            "SSL_KEYFILE"),
    TLS_CA_FILE(
            "tls.ca-file",
            TEXT,
            null,
            "PEM file with certificates of issuers that `tls.cert-file` lacks.",
            "SSL_CACERTFILE"),
    TLS_MIN_VERSION("tls.min-version", oneOf("1.2", "1.3"), "1.2", "Oldest version of TLS that is spoken."),
    RELOAD(
            "reload-interval",
            duration("100ms", "1h"),
            "10s",
            "How often the files of the certificate and of the apps are looked at; changed ones are read again."),

    DRAIN_TIME(
            "drain-time",
            duration("0s", "10m"),
            "30s",
            "How long a graceful stop may take, from the signal to the exit."),
    IO_THREADS("threads.io", number(0, 1024), "0", "Event loops; 0 takes one for each core."),
    WORKER_THREADS(
            "threads.worker",
            number(0, 4096),
            "0",
            "Threads for work that may block, such as token checks; 0 takes one for each core, at least 2."),
    WORKER_QUEUE(
            "threads.queue",
            number(1, 1_000_000),
            "2048",
            "Tasks that may wait for a worker thread; a request beyond them is answered 429 `overloaded`."),

    AUTH_SECRET_KEY(
            "auth-secret-key",
            SECRET,
            null,
            "Key that signs and checks the tokens of the app `default`; at least 32 bytes.",
            "AUTH_SECRET_KEY"),
    PUBLISHER_CLIENT_ID(
            "publisher-client-id", TEXT, null, "Id of a publisher of the app `default`.", "PUBLISHER_CLIENT_ID"),
    PUBLISHER_CLIENT_SECRET(
            "publisher-client-secret",
            SECRET,
            null,
            "Secret of that publisher, plain (at least 16 characters) or as `sha256:HEX`.",
            "PUBLISHER_CLIENT_SECRET"),
    REDIS_URL(
            "redis-url",
            SECRET,
            null,
            "Redis that joins several nodes: `redis://`, `rediss://`, `redis-sentinel://h1,h2/0?master=m` or"
                    + " `redis-cluster://h1,h2`. None: one node, in memory.",
            "REDIS_URL"),
    REDIS_PREFIX(
            "redis.prefix",
            TEXT,
            "pushy:",
            "What all keys and topics in Redis begin with; nodes with the same one belong together."),
    REDIS_PARTITIONS(
            "redis.partitions",
            number(1, 1024),
            null,
            "Parts that the channels are divided into, the same on every node and for ever. Default: 1, with"
                    + " `redis-cluster://` 16."),
    REDIS_LANES(
            "redis.lanes",
            number(1, 4),
            "1",
            "Connections to a master that carry publishes; more than one helps with several partitions only."),
    REDIS_QUEUE(
            "redis.queue",
            number(16, 1_048_576),
            "16384",
            "Requests that may wait for one connection to Redis; a publish beyond them is answered 429 `overloaded`."),
    REDIS_CONNECT_TIMEOUT(
            "redis.connect-timeout", duration("50ms", "1m"), "2s", "How long connecting to Redis may take."),
    REDIS_COMMAND_TIMEOUT(
            "redis.command-timeout",
            duration("50ms", "1m"),
            "2s",
            "How long Redis may take to answer; then the connection counts as broken."),
    REDIS_PUBLISH_DEADLINE(
            "redis.publish-deadline",
            duration("50ms", "1m"),
            "5s",
            "How long a publish is tried again where that is safe: it was not sent, or has an idempotency key."),
    REDIS_CANARY(
            "redis.canary",
            duration("100ms", "1m"),
            "5s",
            "How often a node sends itself a message through Redis, and how long that may take; then it connects anew."),
    REDIS_INDEX_ENTRIES(
            "redis.index-entries",
            number(1_000, Integer.MAX_VALUE),
            "1000000",
            "Messages of one partition whose place is known for `history.index-age`; 1,000,000 take some 40 to 80 MB of Redis."),
    REDIS_SENTINEL_USER("redis.sentinel-user", TEXT, null, "User name for the sentinels, if they want one."),
    REDIS_SENTINEL_PASSWORD(
            "redis.sentinel-password", SECRET, null, "Password for the sentinels, if they want one; not the master's."),
    REDIS_CA_FILE(
            "redis.ca-file",
            TEXT,
            null,
            "PEM file with the certificates of whom to trust with `rediss`. Default: whom the JDK trusts."),
    REDIS_CERT_FILE(
            "redis.cert-file",
            TEXT,
            null,
            "PEM file with the certificate of this node, where Redis asks for one (`tls-auth-clients`)."),
    REDIS_KEY_FILE("redis.key-file", TEXT, null, "PEM file of its private key, RSA or EC, without a pass phrase."),
    NODE_URL(
            "node-url",
            TEXT,
            null,
            "Where the other nodes reach this one, `http://HOST:PORT` or `https://`, to hand on requests of sessions that"
                    + " it has. Default, with `redis-url`: the address that it listens on or else that of this machine,"
                    + " and `port`."),

    APP_SECRET_KID("apps.<app>.secrets[].kid", TEXT, null, "Key id: a token whose header names it is checked with it."),
    APP_SECRET(
            "apps.<app>.secrets[].secret",
            SECRET,
            null,
            "A key that checks tokens (HS256, HS384, HS512); the first of the list also signs. At least 32 bytes."),
    PUBLISHER_ID("apps.<app>.publishers[].id", TEXT, null, "Publisher's client id; unique across apps."),
    PUBLISHER_SECRETS(
            "apps.<app>.publishers[].secrets",
            listOf(SECRET),
            null,
            "Its secrets, all valid at once, each plain (at least 16 characters) or as `sha256:HEX`."),
    PUBLISHER_CHANNELS(
            "apps.<app>.publishers[].channels",
            listOf(TEXT),
            "**",
            "Channels and patterns that it may publish to and hand out tokens for."),
    PUBLIC_KEY_FILE(
            "apps.<app>.public-keys[].file",
            TEXT,
            null,
            "PEM file of an RSA or EC public key that checks tokens, by the algorithms that fit it."),
    PUBLIC_KEY_KID("apps.<app>.public-keys[].kid", TEXT, null, "Key id of that key."),
    JWKS_URL("apps.<app>.jwks-url", TEXT, null, "HTTPS address of a JSON Web Key Set whose keys check tokens."),
    CORS_ORIGINS(
            "apps.<app>.cors-origins",
            listOf(TEXT),
            null,
            "Origins of pages that may use the API, such as `https://example.com`; `*` is all. Default: the server's own"
                    + " origin only; in development mode all."),

    APPS_FILE(
            "apps-file",
            TEXT,
            null,
            "YAML file with more apps, as they stand under `apps`. It is read again without a restart when it changes."),
    PUSHER_APP_KEY("pusher.app-key", TEXT, null, "Pusher key of the app `default`.", "POXA_APP_KEY"),
    PUSHER_APP_SECRET("pusher.app-secret", SECRET, null, "Its secret.", "POXA_SECRET"),
    PUSHER_APP_ID("pusher.app-id", TEXT, null, "Pusher id of the app `default`.", "POXA_APP_ID"),
    PUSHER_WEB_HOOK(
            "pusher.web-hook", TEXT, null, "Address that all webhooks of the app `default` are posted to.", "WEB_HOOK"),
    PUSHER_ACTIVITY_TIMEOUT(
            "pusher.activity-timeout",
            duration("1s", "1h"),
            null,
            "`limits.activity-timeout` of the app `default`.",
            "ACTIVITY_TIMEOUT"),
    PUSHER_MESSAGE_BYTES(
            "pusher.message", bytes("1B", "16MiB"), null, "`limits.message` of the app `default`.", "PAYLOAD_LIMIT"),
    PUSHER_PUBLIC_CHANNELS("pusher.public-channels", listOf(TEXT), null, "`public-channels` of the app `default`."),
    PUSHER_PONG_TIMEOUT(
            "pusher.pong-timeout",
            duration("1s", "10m"),
            "30s",
            "How long a silent Pusher client has to answer a ping; then its connection ends (4201)."),
    PUSHER_PATH(
            "pusher.path",
            TEXT,
            null,
            "Path before `/app/KEY`, `/apps/ID` and the fallbacks, such as `/realtime`. Default: none."),

    APP_PUSHER_ID(
            "apps.<app>.pusher.id",
            TEXT,
            null,
            "Id in the paths of the REST API; digits, since some libraries read it as a number. Unique across apps."),
    APP_PUSHER_KEY(
            "apps.<app>.pusher.keys[].key",
            TEXT,
            null,
            "Key that clients name the app by; unique across apps. The first is the oldest, and signs webhooks."),
    APP_PUSHER_SECRET("apps.<app>.pusher.keys[].secret", SECRET, null, "Secret of that key."),
    APP_PUSHER_PUBLIC_CHANNELS(
            "apps.<app>.pusher.public-channels",
            listOf(TEXT),
            null,
            "Channels and patterns that whoever knows the key may read, among those without `private-` and the like."
                    + " `**` is all, `[]` none. Default: `**` in development mode and where the app has no native"
                    + " secrets, else it must be set."),
    APP_PUSHER_ENABLED("apps.<app>.pusher.enabled", YES_NO, "true", "Serve the app; if not, clients get 4003."),
    APP_PUSHER_TLS_ONLY("apps.<app>.pusher.tls-only", YES_NO, "false", "Refuse clients without TLS (4000)."),
    APP_PUSHER_ORIGINS(
            "apps.<app>.pusher.origins", listOf(TEXT), "*", "Origins of pages that may connect; `*` is all."),
    APP_PUSHER_CLIENT_EVENTS("apps.<app>.pusher.client-events", YES_NO, "true", "Let clients send `client-` events."),
    APP_PUSHER_USERS("apps.<app>.pusher.users", YES_NO, "true", "Let connections sign in as users, with watchlists."),
    APP_PUSHER_COUNTS("apps.<app>.pusher.subscription-count", YES_NO, "false", "Tell subscribers how many they are."),
    APP_PUSHER_LENIENT_DATA(
            "apps.<app>.pusher.lenient-data",
            YES_NO,
            "false",
            "Take `data` that is no string as its JSON text, for callers without a library."),
    APP_PUSHER_AUTHORIZE_WITHIN(
            "apps.<app>.pusher.authorize-within",
            duration("1s", "1h"),
            null,
            "End a connection (4009) that has not signed in or subscribed to an authorized channel by then. Default:"
                    + " never."),
    APP_PUSHER_TERMINATE(
            "apps.<app>.pusher.terminate-for-good",
            YES_NO,
            "true",
            "A terminated user's client stays away until its page connects again (4009); if not, it may come back at"
                    + " once."),
    APP_PUSHER_CONNECTIONS(
            "apps.<app>.pusher.limits.connections",
            number(0, 100_000_000),
            "0",
            "Open connections on one node, more get 4004; 0 is no limit."),
    APP_PUSHER_MESSAGE_BYTES("apps.<app>.pusher.limits.message", bytes("1B", "16MiB"), "10KiB", "Data of one event."),
    APP_PUSHER_CHANNEL_LENGTH(
            "apps.<app>.pusher.limits.channel-length", number(1, 200), "200", "Characters of a channel's name."),
    APP_PUSHER_EVENT_LENGTH(
            "apps.<app>.pusher.limits.event-length", number(1, 1000), "200", "Characters of an event's name."),
    APP_PUSHER_EVENT_CHANNELS(
            "apps.<app>.pusher.limits.channels-per-event",
            number(1, 10_000),
            "100",
            "Channels that one event is triggered on."),
    APP_PUSHER_BATCH("apps.<app>.pusher.limits.batch", number(1, 10_000), "10", "Events of one batch."),
    APP_PUSHER_MEMBERS(
            "apps.<app>.pusher.limits.members", number(1, 1_000_000), "100", "Members of a presence channel."),
    APP_PUSHER_MEMBER_ID(
            "apps.<app>.pusher.limits.member-id-length", number(1, 1000), "128", "Characters of a member's id."),
    APP_PUSHER_MEMBER_BYTES(
            "apps.<app>.pusher.limits.member", bytes("1B", "64KiB"), "1KiB", "What is told of a member."),
    APP_PUSHER_WATCHLIST(
            "apps.<app>.pusher.limits.watchlist", number(0, 10_000), "100", "Users that one user watches."),
    APP_PUSHER_EVENT_RATE(
            "apps.<app>.pusher.limits.client-events",
            number(1, 100_000),
            "10",
            "Events that one connection may send in a second; more are dropped (4301)."),
    APP_PUSHER_ACTIVITY_TIMEOUT(
            "apps.<app>.pusher.limits.activity-timeout",
            duration("1s", "1h"),
            "120s",
            "Silence after which a connection is pinged, see `pusher.pong-timeout`."),
    APP_PUSHER_CACHE_LIFE(
            "apps.<app>.pusher.limits.cache-life",
            duration("1s", "30d"),
            "30m",
            "How long the last event of a cache channel is kept."),
    WEBHOOK_URL("apps.<app>.pusher.webhooks[].url", TEXT, null, "Address that takes the POST of a webhook."),
    WEBHOOK_EVENTS(
            "apps.<app>.pusher.webhooks[].events",
            listOf(oneOf(
                    "channel_occupied",
                    "channel_vacated",
                    "member_added",
                    "member_removed",
                    "client_event",
                    "cache_miss",
                    "subscription_count")),
            null,
            "What it is told of. Default: everything."),
    WEBHOOK_BATCH(
            "apps.<app>.pusher.webhooks[].batch",
            YES_NO,
            "true",
            "Several events in one request; if not, one in each."),
    WEBHOOK_PREFIX(
            "apps.<app>.pusher.webhooks[].prefix", TEXT, null, "Only of channels whose names begin so. Default: all."),
    WEBHOOK_SUFFIX(
            "apps.<app>.pusher.webhooks[].suffix", TEXT, null, "Only of channels whose names end so. Default: all."),
    WEBHOOK_HEADER(
            "apps.<app>.pusher.webhooks[].headers.<header>",
            SECRET,
            null,
            "Header to send along, such as credentials."),

    TOKEN_TTL("token.ttl", duration("1s", "3650d"), "24h", "Life of a token whose request names no `ttl`."),
    TOKEN_MAX_TTL("token.max-ttl", duration("1s", "3650d"), "24h", "Longest `ttl` that may be asked for."),
    TOKEN_LEEWAY("token.leeway", duration("0s", "10m"), "30s", "Difference of clocks allowed at `exp` and `nbf`."),
    TOKEN_REQUIRE_EXP("token.require-exp", YES_NO, "false", "Refuse tokens that never expire."),
    TOKEN_ISSUERS(
            "token.issuers",
            listOf(TEXT),
            null,
            "Where set, a token's `iss` must be one of these; the first is put into ours."),
    TOKEN_AUDIENCES(
            "token.audiences",
            listOf(TEXT),
            null,
            "Where set, a token's `aud` must hold one of these; ours get them all."),
    TOKEN_MAX_LIFE(
            "token.max-life",
            duration("1s", "3650d"),
            null,
            "How long a revoked token without `exp` stays on the list. Default: for ever."),
    TOKEN_QUERY("token.query", YES_NO, "true", "Accept tokens in the query (`?token=`)."),
    TOKEN_AUTH_TIMEOUT(
            "token.auth-timeout",
            duration("100ms", "5m"),
            "5s",
            "How long a WebSocket may stay open before it has handed in a token."),

    MESSAGE_BYTES("limits.message", bytes("1B", "16MiB"), "64KiB", "Data of one message."),
    HEAD_BYTES("limits.head", bytes("4KiB", "1MiB"), "32KiB", "Request line and headers."),
    BODY_TIME("limits.body-time", duration("1s", "10m"), "15s", "How long a client may take to send a body."),
    JSON_DEPTH("limits.json-depth", number(1, 500), "64", "Nesting of JSON in a message."),
    CHANNEL_LENGTH("limits.channel-length", number(1, 200), "200", "Characters of a channel's name."),
    EVENT_LENGTH("limits.event-length", number(1, 1000), "200", "Characters of an event's name."),
    SUBSCRIPTIONS("limits.subscriptions", number(1, 1_000_000), "500", "Subscriptions of one connection."),
    PATTERNS("limits.patterns", number(0, 1_000_000), "100", "Wildcard patterns among them."),
    BACKLOG("limits.backlog", bytes("1KiB", "1GiB"), "512KiB", "Unsent bytes of one connection."),
    CLIENT_MESSAGE_BYTES(
            "limits.websocket-message", bytes("125B", "16MiB"), "64KiB", "One message from a WebSocket client."),
    HISTORY_MESSAGES("limits.history", number(1, 100_000), "1000", "Messages in one answer of `/history`."),
    BATCH("limits.batch", number(1, 10_000), "100", "Messages of one batch publish."),
    REPLAY_PER_CHANNEL(
            "limits.replay-per-channel",
            number(1, 1_000_000),
            "1000",
            "Missed messages of one channel that a resume gets."),
    REPLAY_TOTAL("limits.replay", number(1, 10_000_000), "10000", "Missed messages that a resume gets in all."),
    MAILBOX(
            "limits.mailbox",
            number(16, 16_777_216),
            "65536",
            "Events that may wait for one event loop; beyond that its connections catch up from history."),

    HISTORY_COUNT("history.count", number(0, 1_000_000), "1000", "Messages kept for a channel; 0 keeps none."),
    HISTORY_AGE("history.age", duration("0s", "30d"), "5m", "How long a message is kept; 0s keeps none."),
    HISTORY_MEMORY(
            "history.memory",
            bytes("1MiB", "1024GiB"),
            null,
            "All messages kept in memory; the oldest go first. Default: an eighth of the heap, 1GiB at most."),
    HISTORY_INDEX_AGE(
            "history.index-age",
            duration("1m", "90d"),
            null,
            "How long a client may be away and still be told exactly what it missed. Default: 15m, or twice the longest"
                    + " `history-age` if that is more."),
    POLICY_HISTORY_COUNT(
            "channels.<pattern>.history-count", number(0, 1_000_000), null, "`history.count` for these channels."),
    POLICY_HISTORY_AGE(
            "channels.<pattern>.history-age", duration("0s", "30d"), null, "`history.age` for these channels."),
    POLICY_PRESENCE("channels.<pattern>.presence", YES_NO, "false", "Keep a list of who is there."),
    POLICY_CLIENT_PUBLISH(
            "channels.<pattern>.client-publish", YES_NO, "true", "Let clients publish, where their token allows it."),
    POLICY_SLOW_CONSUMER(
            "channels.<pattern>.slow-consumer",
            oneOf("disconnect", "skip-oldest", "conflate"),
            "disconnect",
            "What happens to a connection whose backlog is full."),
    POLICY_MESSAGE_BYTES(
            "channels.<pattern>.message", bytes("1B", "16MiB"), null, "`limits.message` for these channels."),

    HEARTBEAT("stream.heartbeat", duration("1s", "10m"), "15s", "Time between two signs of life on an event stream."),
    STREAM_MAX_AGE(
            "stream.max-age", duration("1m", "30d"), "6h", "Age at which an event stream is ended (it comes back)."),
    PING("websocket.ping", duration("1s", "10m"), "25s", "Time between two pings of a WebSocket."),
    COMPRESSION("websocket.compression", YES_NO, "false", "Offer permessage-deflate."),
    SOCKJS_HEARTBEAT(
            "sockjs.heartbeat",
            duration("1s", "10m"),
            "25s",
            "How long a client of SockJS or of Pusher's HTTP fallbacks hears nothing before it gets a sign of life. "
                    + "The SockJS of pusher-js connects anew when it heard nothing for twice as long."),
    PRESENCE_GRACE(
            "presence.grace",
            duration("0s", "10m"),
            "3s",
            "How long a member may be away before others are told that it left."),
    FLUSH_GAP(
            "flush-gap",
            duration("0ms", "20ms"),
            "1ms",
            "Least time between two writes of an event loop, and up to four times that behind a burst; more puts more messages into one write."),

    METRICS_PORT(
            "metrics.port", number(0, 65535), null, "Own port for `/metrics`; none: the main port; 0: any free one."),
    METRICS_BIND("metrics.bind", TEXT, null, "Address for that port. Default: that of `bind`."),
    METRICS_TOKEN("metrics.token", SECRET, null, "Bearer token that `/metrics` asks for. None: it asks for nothing."),
    READY_WITHOUT_BROKER(
            "health.ready-without-broker",
            YES_NO,
            "true",
            "Stay ready while the backplane is away altogether (clients are kept and come back live)."),
    LOG_FORMAT("log.format", oneOf("text", "json"), "text", "Log lines for people, or one JSON object a line."),
    LOG_LEVEL("log.level", oneOf("error", "warn", "info", "debug", "trace"), "info", "Least level that is logged."),
    LOG_ACCESS("log.access", YES_NO, "false", "Log each request: method, path without query, status, bytes, time.");

    private final String path;
    private final ConfigType type;
    private final @Nullable String defaultText;
    private final String meaning;
    private final List<String> aliases;

    ConfigKey(String path, ConfigType type, @Nullable String defaultText, String meaning, String... aliases) {
        this.path = path;
        this.type = type;
        this.defaultText = defaultText;
        this.meaning = meaning;
        this.aliases = List.of(aliases);
    }

    String path() {
        return path;
    }

    ConfigType type() {
        return type;
    }

    /** What stands where nothing is configured, as an operator would write it; null where nothing does. */
    @Nullable
    String defaultText() {
        return defaultText;
    }

    /** What the key does, for the documentation. */
    String meaning() {
        return meaning;
    }

    /** Environment names besides the one that follows from the path. */
    List<String> aliases() {
        return aliases;
    }

    /** The environment name that follows from a path: {@code token.max-ttl} is {@code PUSHY_TOKEN_MAX_TTL}. */
    static String environmentName(String path) {
        return "PUSHY_"
                + path.replaceAll("[<>]", "")
                        .replace('.', '_')
                        .replace('-', '_')
                        .toUpperCase(Locale.ROOT);
    }
}
