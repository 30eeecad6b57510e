package dev.pushy.server;

import dev.pushy.core.Channel;
import dev.pushy.undertow.protocol.Origins;
import dev.pushy.undertow.pusher.AppFeatures;
import dev.pushy.undertow.pusher.AppKey;
import dev.pushy.undertow.pusher.AppLimits;
import dev.pushy.undertow.pusher.PusherApp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what the Pusher protocol needs to know of an app. It is off for an app until that has a key. */
final class PusherConfig {
    /** What stands in a path as it is, and is no colon, which ends the key in a signature. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~-]{1,200}");

    private final Settings settings;
    private final CredentialCheck check;
    private final boolean dev;

    PusherConfig(Settings settings, CredentialCheck check, boolean dev) {
        this.settings = settings;
        this.check = check;
        this.dev = dev;
    }

    /** Whether anything was written of it for an app, be it right or wrong. */
    static boolean isTried(Settings settings, String app) {
        boolean flat = settings.has(ConfigKey.PUSHER_APP_KEY)
                || settings.has(ConfigKey.PUSHER_APP_SECRET)
                || settings.has(ConfigKey.PUSHER_APP_ID);
        return settings.hasAt("apps." + app + ".pusher") || (app.equals(Channel.DEFAULT_APP) && flat);
    }

    /**
     * The app, if the protocol is on for it; what is wrong becomes a fault.
     *
     * @param secured whether the app has secrets of the native API
     */
    Optional<PusherApp> read(String app, boolean secured) {
        boolean first = app.equals(Channel.DEFAULT_APP);
        if (!isTried(settings, app)) {
            return dev && first && isTriedNowhere() ? Optional.of(sample()) : Optional.empty();
        }
        List<AppKey> keys = keys(app, first);
        Optional<String> id = id(app, first);
        if (keys.isEmpty() || id.isEmpty()) {
            return Optional.empty();
        }
        PusherApp.Builder builder = PusherApp.builder(id.get())
                .tenant(app)
                .limits(limits(app, first))
                .features(features(app))
                .publicChannels(publicChannels(app, first, secured))
                .origins(origins(app));
        keys.forEach(key -> builder.key(key.key(), key.secret()));
        new WebhookConfig(settings).read(app).forEach(builder::webhook);
        return Optional.of(builder.build());
    }

    /** An app of the operator's own may have the id of the sample. */
    private boolean isTriedNowhere() {
        return settings.names("apps").stream().noneMatch(other -> isTried(settings, other));
    }

    private static PusherApp sample() {
        return PusherApp.builder(SampleCredentials.APP_ID)
                .key(SampleCredentials.APP_KEY, SampleCredentials.APP_SECRET)
                .build();
    }

    private List<AppKey> keys(String app, boolean first) {
        List<AppKey> keys = new ArrayList<>();
        if (first && (settings.has(ConfigKey.PUSHER_APP_KEY) || settings.has(ConfigKey.PUSHER_APP_SECRET))) {
            key(ConfigKey.PUSHER_APP_KEY, ConfigKey.PUSHER_APP_SECRET).ifPresent(keys::add);
        }
        int listed = settings.size(ConfigKey.APP_PUSHER_KEY, app);
        for (int i = 0; i < listed; i++) {
            key(ConfigKey.APP_PUSHER_KEY, ConfigKey.APP_PUSHER_SECRET, app, i).ifPresent(keys::add);
        }
        boolean flat = first && (settings.has(ConfigKey.PUSHER_APP_KEY) || settings.has(ConfigKey.PUSHER_APP_SECRET));
        if (keys.isEmpty() && listed == 0 && !flat) {
            settings.faultAt(
                    "apps." + app + ".pusher",
                    "has no key, and the Pusher protocol is off until it has one; add keys, each with key and secret");
        }
        return keys;
    }

    private Optional<AppKey> key(ConfigKey nameKey, ConfigKey secretKey, Object... places) {
        Optional<String> name = name(nameKey, places);
        Optional<Secret> secret = settings.optional(Secret.class, secretKey, places);
        secret.ifPresent(value -> check.appSecret(value, secretKey, places));
        if (!settings.has(secretKey, places)) {
            settings.fault("is missing beside its key", secretKey, places);
        }
        return name.flatMap(key -> secret.map(value -> new AppKey(key, value.reveal())));
    }

    private Optional<String> id(String app, boolean first) {
        boolean flat = first && settings.has(ConfigKey.PUSHER_APP_ID);
        if (flat && settings.has(ConfigKey.APP_PUSHER_ID, app)) {
            settings.fault("is also set as apps.default.pusher.id; keep one of them", ConfigKey.PUSHER_APP_ID);
        }
        return flat || (first && !settings.hasAt("apps." + app + ".pusher"))
                ? name(ConfigKey.PUSHER_APP_ID)
                : name(ConfigKey.APP_PUSHER_ID, app);
    }

    /** An id or a key. */
    private Optional<String> name(ConfigKey key, Object... places) {
        Optional<String> name = settings.optional(String.class, key, places);
        if (!settings.has(key, places)) {
            settings.fault("is missing; an app of the Pusher protocol needs an id, a key and a secret", key, places);
        }
        if (name.isPresent() && !NAME.matcher(name.get()).matches()) {
            settings.fault(
                    "will not do in an address; use 1 to 200 letters, digits, dots, hyphens and underscores",
                    key,
                    places);
            return Optional.empty();
        }
        return name;
    }

    private List<String> publicChannels(String app, boolean first, boolean secured) {
        boolean flat = first && settings.has(ConfigKey.PUSHER_PUBLIC_CHANNELS);
        ConfigKey key = flat ? ConfigKey.PUSHER_PUBLIC_CHANNELS : ConfigKey.APP_PUSHER_PUBLIC_CHANNELS;
        Object[] places = flat ? new Object[0] : new Object[] {app};
        if (settings.has(key, places)) {
            List<String> patterns = settings.texts(key, places);
            return check.patterns(patterns, key, places) ? patterns : List.of();
        }
        if (secured && !dev) {
            settings.fault(
                    "must be set, since the app has native secrets too, and whoever knows its public key could read every"
                            + " channel whose name does not begin with private- or presence-. Name the channels and"
                            + " patterns that Pusher clients may read without authorization, such as"
                            + " [\"public.**\"]; [\"**\"] is all, [] none",
                    key,
                    places);
        }
        return List.of("**");
    }

    private Origins origins(String app) {
        List<String> origins = settings.texts(ConfigKey.APP_PUSHER_ORIGINS, app);
        try {
            return Origins.of(origins);
        } catch (IllegalArgumentException e) {
            settings.fault(String.valueOf(e.getMessage()), ConfigKey.APP_PUSHER_ORIGINS, app);
            return Origins.NONE;
        }
    }

    private AppFeatures features(String app) {
        return new AppFeatures(
                settings.yes(ConfigKey.APP_PUSHER_ENABLED, app),
                settings.yes(ConfigKey.APP_PUSHER_TLS_ONLY, app),
                settings.yes(ConfigKey.APP_PUSHER_CLIENT_EVENTS, app),
                settings.yes(ConfigKey.APP_PUSHER_USERS, app),
                settings.yes(ConfigKey.APP_PUSHER_COUNTS, app),
                settings.yes(ConfigKey.APP_PUSHER_LENIENT_DATA, app),
                settings.optional(Duration.class, ConfigKey.APP_PUSHER_AUTHORIZE_WITHIN, app)
                        .orElse(null),
                settings.yes(ConfigKey.APP_PUSHER_TERMINATE, app));
    }

    private AppLimits limits(String app, boolean first) {
        Duration activityTimeout = settings.duration(ConfigKey.APP_PUSHER_ACTIVITY_TIMEOUT, app);
        if (first) {
            activityTimeout = settings.optional(Duration.class, ConfigKey.PUSHER_ACTIVITY_TIMEOUT)
                    .orElse(activityTimeout);
        }
        return new AppLimits(
                settings.number(ConfigKey.APP_PUSHER_CONNECTIONS, app),
                dataBytes(app, first),
                withinServer(
                        ConfigKey.APP_PUSHER_CHANNEL_LENGTH,
                        settings.number(ConfigKey.APP_PUSHER_CHANNEL_LENGTH, app),
                        ConfigKey.CHANNEL_LENGTH,
                        settings.number(ConfigKey.CHANNEL_LENGTH),
                        app),
                withinServer(
                        ConfigKey.APP_PUSHER_EVENT_LENGTH,
                        settings.number(ConfigKey.APP_PUSHER_EVENT_LENGTH, app),
                        ConfigKey.EVENT_LENGTH,
                        settings.number(ConfigKey.EVENT_LENGTH),
                        app),
                settings.number(ConfigKey.APP_PUSHER_EVENT_CHANNELS, app),
                settings.number(ConfigKey.APP_PUSHER_BATCH, app),
                settings.number(ConfigKey.APP_PUSHER_MEMBERS, app),
                settings.number(ConfigKey.APP_PUSHER_MEMBER_ID, app),
                (int) settings.bytes(ConfigKey.APP_PUSHER_MEMBER_BYTES, app),
                settings.number(ConfigKey.APP_PUSHER_WATCHLIST, app),
                settings.number(ConfigKey.APP_PUSHER_EVENT_RATE, app),
                activityTimeout,
                settings.duration(ConfigKey.APP_PUSHER_CACHE_LIFE, app));
    }

    private int dataBytes(String app, boolean first) {
        long most = settings.bytes(ConfigKey.MESSAGE_BYTES);
        long bytes = settings.bytes(ConfigKey.APP_PUSHER_MESSAGE_BYTES, app);
        if (first && settings.has(ConfigKey.PUSHER_MESSAGE_BYTES)) {
            long flat = settings.optional(Long.class, ConfigKey.PUSHER_MESSAGE_BYTES)
                    .orElse(bytes);
            return withinServer(ConfigKey.PUSHER_MESSAGE_BYTES, flat, ConfigKey.MESSAGE_BYTES, most);
        }
        return withinServer(ConfigKey.APP_PUSHER_MESSAGE_BYTES, bytes, ConfigKey.MESSAGE_BYTES, most, app);
    }

    /** A limit of an app, above which stands one of the server: what nobody wrote follows that, else it is a fault. */
    private int withinServer(ConfigKey key, long limit, ConfigKey serverKey, long serverLimit, Object... places) {
        if (limit > serverLimit && settings.has(key, places)) {
            settings.fault(
                    "is " + limit + ", more than " + serverKey.path() + " of the server, which is " + serverLimit
                            + " and stands above it; raise that or lower this",
                    key,
                    places);
        }
        return (int) Math.min(limit, serverLimit);
    }

    /** Ids and keys name one app. */
    static void requireUnique(Settings settings, List<PusherApp> apps) {
        Map<String, String> ids = new HashMap<>();
        Map<String, String> keys = new HashMap<>();
        for (PusherApp app : apps) {
            String other = ids.putIfAbsent(app.id(), app.tenant());
            if (other != null) {
                settings.faultAt(
                        "apps." + app.tenant() + ".pusher.id",
                        "\"" + app.id() + "\" is also the id of app " + other + "; ids must differ");
            }
            for (AppKey key : app.keys()) {
                String owner = keys.putIfAbsent(key.key(), app.tenant());
                if (owner != null) {
                    settings.faultAt(
                            "apps." + app.tenant() + ".pusher.keys",
                            "\"" + key.key() + "\" is also a key of app " + owner + "; keys must differ");
                }
            }
        }
    }
}
