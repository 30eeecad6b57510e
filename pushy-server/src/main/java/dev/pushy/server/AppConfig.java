package dev.pushy.server;

import dev.pushy.core.Channel;
import dev.pushy.undertow.pusher.PusherApp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tenant: who may publish, whose tokens are good, and from which pages.
 *
 * @param id the app's id, such as {@code default}
 * @param keys keys that check tokens with an HMAC; the first signs
 * @param publicKeys keys that check tokens signed elsewhere
 * @param jwksUrl where more such keys are; null for nowhere
 * @param publishers the publishers
 * @param corsOrigins origins of pages that may use the API; {@code *} is all
 * @param pusher what it is to the Pusher protocol; null where that is off for it
 */
record AppConfig(
        String id,
        List<Key> keys,
        List<PublicKeyFile> publicKeys,
        @Nullable String jwksUrl,
        List<Publisher> publishers,
        List<String> corsOrigins,
        @Nullable PusherApp pusher) {
    private static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
    private static final Pattern ORIGIN = Pattern.compile("\\*|https?://[A-Za-z0-9.\\-\\[\\]:]+");

    /** A secret that signs or checks tokens, with its key id where it has one. */
    record Key(@Nullable String kid, Secret secret) {}

    /** A file with a public key. */
    record PublicKeyFile(@Nullable String kid, String file) {}

    /** A backend that publishes: its id, its secrets (plain or {@code sha256:HEX}) and what it may publish to. */
    record Publisher(String id, List<Secret> secrets, List<String> channels) {}

    static List<AppConfig> readAll(Settings settings, boolean dev) {
        Set<String> ids = new LinkedHashSet<>();
        ids.add(Channel.DEFAULT_APP);
        for (String id : settings.names("apps")) {
            if (ID.matcher(id).matches()) {
                ids.add(id);
            } else {
                settings.faultAt("apps." + id, "is no app id; use lower-case letters, digits and single hyphens");
            }
        }
        CredentialCheck check = new CredentialCheck(settings, dev);
        List<AppConfig> apps =
                ids.stream().map(id -> read(settings, id, check, dev)).toList();
        requireUniquePublishers(settings, apps);
        PusherConfig.requireUnique(
                settings,
                apps.stream().flatMap(app -> Stream.ofNullable(app.pusher())).toList());
        check.requireCredentials(apps);
        return apps;
    }

    private static AppConfig read(Settings settings, String app, CredentialCheck check, boolean dev) {
        boolean first = app.equals(Channel.DEFAULT_APP);
        List<String> origins = settings.texts(ConfigKey.CORS_ORIGINS, app);
        for (String origin : origins) {
            if (!ORIGIN.matcher(origin).matches()) {
                settings.fault(
                        "\"" + origin
                                + "\" is no origin; write scheme and host, such as https://example.com, and no path",
                        ConfigKey.CORS_ORIGINS,
                        app);
            }
        }
        Optional<String> jwks = settings.optional(String.class, ConfigKey.JWKS_URL, app);
        if (jwks.isPresent() && !jwks.get().matches("https://[^\\s]+|http://(localhost|127\\.0\\.0\\.1)[:/]\\S*")) {
            settings.fault("should begin with https://", ConfigKey.JWKS_URL, app);
        }
        List<Key> keys = keys(settings, app, first, check, dev);
        List<PublicKeyFile> publicKeys = publicKeys(settings, app);
        List<Publisher> publishers = publishers(settings, app, first, check, dev);
        boolean secured = !keys.isEmpty() || !publicKeys.isEmpty() || jwks.isPresent() || !publishers.isEmpty();
        return new AppConfig(
                app,
                keys,
                publicKeys,
                jwks.orElse(null),
                publishers,
                origins.isEmpty() && dev ? List.of("*") : origins,
                new PusherConfig(settings, check, dev).read(app, secured).orElse(null));
    }

    /** The same without what concerns the Pusher protocol alone. */
    AppConfig withoutPusher() {
        return new AppConfig(id, keys, publicKeys, jwksUrl, publishers, corsOrigins, null);
    }

    /** Whether tokens of the app can be checked. */
    boolean isVerifiable() {
        return !keys.isEmpty() || !publicKeys.isEmpty() || jwksUrl != null;
    }

    private static List<Key> keys(Settings settings, String app, boolean first, CredentialCheck check, boolean dev) {
        List<Key> keys = new ArrayList<>();
        if (first) {
            settings.optional(Secret.class, ConfigKey.AUTH_SECRET_KEY).ifPresent(secret -> {
                check.key(secret, ConfigKey.AUTH_SECRET_KEY);
                keys.add(new Key(null, secret));
            });
        }
        for (int i = 0; i < settings.size(ConfigKey.APP_SECRET, app); i++) {
            @Nullable
            String kid = settings.optional(String.class, ConfigKey.APP_SECRET_KID, app, i)
                    .orElse(null);
            Optional<Secret> secret = settings.optional(Secret.class, ConfigKey.APP_SECRET, app, i);
            if (secret.isPresent()) {
                check.key(secret.get(), ConfigKey.APP_SECRET, app, i);
                keys.add(new Key(kid, secret.get()));
            } else if (!settings.has(ConfigKey.APP_SECRET, app, i)) {
                settings.fault("is missing", ConfigKey.APP_SECRET, app, i);
            }
        }
        if (dev && first && keys.isEmpty()) {
            keys.add(new Key(null, new Secret(SampleCredentials.AUTH_SECRET_KEY)));
        }
        return List.copyOf(keys);
    }

    private static List<PublicKeyFile> publicKeys(Settings settings, String app) {
        List<PublicKeyFile> keys = new ArrayList<>();
        for (int i = 0; i < settings.size(ConfigKey.PUBLIC_KEY_FILE, app); i++) {
            @Nullable
            String kid = settings.optional(String.class, ConfigKey.PUBLIC_KEY_KID, app, i)
                    .orElse(null);
            Optional<String> file = settings.optional(String.class, ConfigKey.PUBLIC_KEY_FILE, app, i);
            if (file.isPresent()) {
                keys.add(new PublicKeyFile(kid, file.get()));
            } else if (!settings.has(ConfigKey.PUBLIC_KEY_FILE, app, i)) {
                settings.fault("is missing", ConfigKey.PUBLIC_KEY_FILE, app, i);
            }
        }
        return List.copyOf(keys);
    }

    private static List<Publisher> publishers(
            Settings settings, String app, boolean first, CredentialCheck check, boolean dev) {
        List<Publisher> publishers = new ArrayList<>();
        if (first) {
            Optional<String> id = settings.optional(String.class, ConfigKey.PUBLISHER_CLIENT_ID);
            Optional<Secret> secret = settings.optional(Secret.class, ConfigKey.PUBLISHER_CLIENT_SECRET);
            secret.ifPresent(value -> check.publisherSecret(value, ConfigKey.PUBLISHER_CLIENT_SECRET));
            if (id.isPresent() && secret.isPresent()) {
                publishers.add(new Publisher(id.get(), List.of(secret.get()), List.of("**")));
            } else if (id.isPresent() && !settings.has(ConfigKey.PUBLISHER_CLIENT_SECRET)) {
                settings.fault("is missing beside publisher-client-id", ConfigKey.PUBLISHER_CLIENT_SECRET);
            } else if (secret.isPresent() && !settings.has(ConfigKey.PUBLISHER_CLIENT_ID)) {
                settings.fault("is missing beside publisher-client-secret", ConfigKey.PUBLISHER_CLIENT_ID);
            }
        }
        for (int i = 0; i < settings.size(ConfigKey.PUBLISHER_ID, app); i++) {
            Optional<String> id = settings.optional(String.class, ConfigKey.PUBLISHER_ID, app, i);
            List<Secret> secrets = settings.list(Secret.class, ConfigKey.PUBLISHER_SECRETS, app, i);
            for (Secret secret : secrets) {
                check.publisherSecret(secret, ConfigKey.PUBLISHER_SECRETS, app, i);
            }
            if (secrets.isEmpty() && !settings.has(ConfigKey.PUBLISHER_SECRETS, app, i)) {
                settings.fault("is missing; a publisher needs at least one", ConfigKey.PUBLISHER_SECRETS, app, i);
            }
            if (id.isEmpty() && !settings.has(ConfigKey.PUBLISHER_ID, app, i)) {
                settings.fault("is missing", ConfigKey.PUBLISHER_ID, app, i);
            }
            List<String> channels = settings.texts(ConfigKey.PUBLISHER_CHANNELS, app, i);
            check.patterns(channels, ConfigKey.PUBLISHER_CHANNELS, app, i);
            id.ifPresent(name -> publishers.add(new Publisher(name, secrets, channels)));
        }
        if (dev && first && publishers.isEmpty()) {
            publishers.add(new Publisher(
                    SampleCredentials.CLIENT_ID, List.of(new Secret(SampleCredentials.CLIENT_SECRET)), List.of("**")));
        }
        return List.copyOf(publishers);
    }

    private static void requireUniquePublishers(Settings settings, List<AppConfig> apps) {
        Map<String, String> seen = new HashMap<>();
        for (AppConfig app : apps) {
            for (Publisher publisher : app.publishers()) {
                String other = seen.putIfAbsent(publisher.id(), app.id());
                if (other != null) {
                    settings.faultAt(
                            "apps." + app.id() + ".publishers",
                            "\"" + publisher.id() + "\" is also a publisher of app " + other
                                    + "; ids must differ, for rotation give one publisher several secrets");
                }
            }
        }
    }
}
