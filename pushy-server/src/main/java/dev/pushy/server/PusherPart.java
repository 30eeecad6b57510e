package dev.pushy.server;

import dev.pushy.core.Pushy;
import dev.pushy.undertow.PushyHandler;
import dev.pushy.undertow.pusher.WebhookSender;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the server has for the Pusher protocol: the apps, the file that more of them come from, and who tells their
 * webhooks. Nothing of it where no app has a key.
 */
final class PusherPart implements AutoCloseable {
    private final ServerConfig.Pusher settings;
    private final ConfiguredApps apps;
    private final @Nullable LiveFiles<List<AppConfig>> file;
    private final @Nullable WebhookSender webhooks;

    /**
     * Takes the apps of the configuration, and reads their file.
     *
     * @throws ConfigException with what is wrong with the file
     */
    PusherPart(ServerConfig config) {
        Path appsFile = config.appsFile();
        settings = config.pusher();
        apps = new ConfiguredApps(config.apps(), config.dev());
        file = appsFile == null ? null : LiveFiles.read("The file of the apps", List.of(appsFile), config::readApps);
        webhooks = apps.size() == 0 && file == null ? null : new WebhookSender(apps);
    }

    /** Lets the node keep what cache channels need, and tell of what happens. */
    void addTo(Pushy.Builder node) {
        if (webhooks != null) {
            node.retain(apps::cacheLife).listener(webhooks);
        }
    }

    /** Lets the handler speak the protocol. */
    void addTo(PushyHandler.Builder handler) {
        if (webhooks != null) {
            handler.apps(apps)
                    .pusherListener(webhooks)
                    .pusherPath(settings.path())
                    .pongTimeout(settings.pongTimeout());
        }
    }

    /** Takes the apps as their file has them now, if that changed. */
    void look() {
        if (file != null) {
            file.look(apps::replace);
        }
    }

    /** What metrics tell of it. */
    List<Reading> readings() {
        List<Reading> readings = new ArrayList<>();
        readings.add(Reading.gauge("pushy_pusher_apps", "Apps of the Pusher protocol.", apps::size));
        if (file != null) {
            readings.add(Reading.gauge(
                    "pushy_apps_file_outdated",
                    "1 while the file of the apps holds something that will not do.",
                    () -> file.isOutdated() ? 1 : 0));
        }
        if (webhooks != null) {
            addWebhooks(readings, webhooks);
        }
        return readings;
    }

    private static void addWebhooks(List<Reading> readings, WebhookSender sender) {
        readings.add(Reading.counter(
                "pushy_webhook_events_delivered",
                "Events that receivers took.",
                () -> sender.stats().delivered()));
        readings.add(Reading.counter(
                "pushy_webhook_failures",
                "Requests that receivers refused or did not answer.",
                () -> sender.stats().failures()));
        readings.add(Reading.counter(
                "pushy_webhook_events_expired",
                "Events given up after five minutes without success.",
                () -> sender.stats().expired()));
        readings.add(Reading.counter(
                "pushy_webhook_events_overflowed",
                "Events given up because too many waited.",
                () -> sender.stats().overflowed()));
        readings.add(Reading.counter(
                "pushy_webhook_events_discarded",
                "Events given up because their app or webhook is no more, or the node ended.",
                () -> sender.stats().discarded()));
        readings.add(Reading.gauge(
                "pushy_webhook_events_waiting",
                "Events that wait for their receiver.",
                () -> sender.stats().waiting()));
    }

    /** Sends what webhooks still wait for, for a few seconds at most; to be called after the node has ended. */
    @Override
    public void close() {
        if (webhooks != null) {
            webhooks.close();
        }
    }
}
