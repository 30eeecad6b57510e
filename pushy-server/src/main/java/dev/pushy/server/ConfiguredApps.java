package dev.pushy.server;

import dev.pushy.core.Channel;
import dev.pushy.undertow.pusher.AppKey;
import dev.pushy.undertow.pusher.AppRegistry;
import dev.pushy.undertow.pusher.PusherApp;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The apps of the configuration, as the Pusher protocol knows them. When their file changes all are exchanged at once:
 * whoever asks sees the old ones or the new ones. Thread-safe; never blocks.
 */
final class ConfiguredApps implements AppRegistry {
    private static final System.Logger LOG = System.getLogger(ConfiguredApps.class.getName());
    /** Whoever hears one signature can try out the secrets of fewer characters. */
    private static final int SHORT_SECRET = 16;

    private final Map<String, AppConfig> atStart = new HashMap<>();
    private volatile Index index;

    ConfiguredApps(List<AppConfig> apps, boolean dev) {
        for (AppConfig app : apps) {
            atStart.put(app.id(), app.withoutPusher());
        }
        index = Index.of(apps);
        if (!dev) {
            warnOfShortSecrets();
        }
    }

    /** Exchanges the apps. What the native API knows of them stays as it was at the start. */
    void replace(List<AppConfig> apps) {
        index = Index.of(apps);
        for (AppConfig app : apps) {
            AppConfig now = app.withoutPusher();
            if (!now.equals(atStart.get(app.id()))
                    && (now.isVerifiable() || !now.publishers().isEmpty())) {
                LOG.log(
                        Level.WARNING,
                        "App {0}: its secrets, publishers and other settings of the native API differ from those of the"
                                + " start; they come into force with the next start",
                        app.id());
            }
        }
    }

    private void warnOfShortSecrets() {
        for (PusherApp app : index.byId().values()) {
            for (AppKey key : app.keys()) {
                if (key.secret().length() < SHORT_SECRET) {
                    LOG.log(
                            Level.WARNING,
                            "App {0}: the secret of key {1} has less than {2} characters and can be found out by trying;"
                                    + " make another, for example with: openssl rand -hex 24",
                            app.tenant(),
                            key.key(),
                            SHORT_SECRET);
                }
            }
        }
    }

    @Override
    public Optional<PusherApp> byKey(String key) {
        return Optional.ofNullable(index.byKey().get(key));
    }

    @Override
    public Optional<PusherApp> byId(String id) {
        return Optional.ofNullable(index.byId().get(id));
    }

    @Override
    public Optional<PusherApp> byTenant(String tenant) {
        return Optional.ofNullable(index.byTenant().get(tenant));
    }

    /** How many apps there are. */
    int size() {
        return index.byId().size();
    }

    /** How long the last message of a channel is kept for those who subscribe later. */
    Duration cacheLife(Channel channel) {
        PusherApp app = index.byTenant().get(channel.app());
        return app == null ? Duration.ZERO : app.cacheLife(channel);
    }

    private record Index(Map<String, PusherApp> byKey, Map<String, PusherApp> byId, Map<String, PusherApp> byTenant) {
        static Index of(List<AppConfig> configs) {
            Map<String, PusherApp> byKey = new HashMap<>();
            Map<String, PusherApp> byId = new HashMap<>();
            Map<String, PusherApp> byTenant = new HashMap<>();
            for (AppConfig config : configs) {
                PusherApp app = config.pusher();
                if (app != null) {
                    app.keys().forEach(key -> byKey.put(key.key(), app));
                    byId.put(app.id(), app);
                    byTenant.put(app.tenant(), app);
                }
            }
            return new Index(Map.copyOf(byKey), Map.copyOf(byId), Map.copyOf(byTenant));
        }
    }
}
