package dev.pushy.server;

import dev.pushy.core.Channel;
import dev.pushy.undertow.pusher.Webhook;
import dev.pushy.undertow.pusher.WebhookEvent;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads whom an app tells of what happens. */
final class WebhookConfig {
    private static final Pattern URL = Pattern.compile("https?://[^/?#\\s]+([/?]\\S*)?");

    private final Settings settings;

    WebhookConfig(Settings settings) {
        this.settings = settings;
    }

    /** The receivers of an app; what is wrong becomes a fault. */
    List<Webhook> read(String app) {
        List<Webhook> webhooks = new ArrayList<>();
        if (app.equals(Channel.DEFAULT_APP) && settings.has(ConfigKey.PUSHER_WEB_HOOK)) {
            webhook(EnumSet.allOf(WebhookEvent.class), true, "", "", Map.of(), ConfigKey.PUSHER_WEB_HOOK)
                    .ifPresent(webhooks::add);
        }
        for (int i = 0; i < settings.size(ConfigKey.WEBHOOK_URL, app); i++) {
            webhook(
                            events(app, i),
                            settings.yes(ConfigKey.WEBHOOK_BATCH, app, i),
                            settings.optional(String.class, ConfigKey.WEBHOOK_PREFIX, app, i)
                                    .orElse(""),
                            settings.optional(String.class, ConfigKey.WEBHOOK_SUFFIX, app, i)
                                    .orElse(""),
                            headers(app, i),
                            ConfigKey.WEBHOOK_URL,
                            app,
                            i)
                    .ifPresent(webhooks::add);
        }
        return webhooks;
    }

    private Optional<Webhook> webhook(
            Set<WebhookEvent> events,
            boolean batch,
            String prefix,
            String suffix,
            Map<String, String> headers,
            ConfigKey url,
            Object... places) {
        Optional<String> text = settings.optional(String.class, url, places);
        if (!settings.has(url, places)) {
            settings.fault("is missing", url, places);
        }
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Webhook(address(text.get()), events, batch, prefix, suffix, headers));
        } catch (IllegalArgumentException e) {
            settings.fault(String.valueOf(e.getMessage()), url, places);
            return Optional.empty();
        }
    }

    /** What is said of a bad one does not quote it, since it may hold a secret. */
    private static URI address(String text) {
        if (!URL.matcher(text).matches()) {
            throw new IllegalArgumentException("is no address for a POST; it should begin with http:// or https://");
        }
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "has a character at place " + e.getIndex() + " that does not belong into an address", e);
        }
    }

    private Set<WebhookEvent> events(String app, int i) {
        if (!settings.has(ConfigKey.WEBHOOK_EVENTS, app, i)) {
            return EnumSet.allOf(WebhookEvent.class);
        }
        Set<WebhookEvent> events = EnumSet.noneOf(WebhookEvent.class);
        for (String name : settings.texts(ConfigKey.WEBHOOK_EVENTS, app, i)) {
            events.add(WebhookEvent.valueOf(name.toUpperCase(Locale.ROOT)));
        }
        return events;
    }

    private Map<String, String> headers(String app, int i) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : settings.names("apps." + app + ".pusher.webhooks[" + i + "].headers")) {
            settings.optional(Secret.class, ConfigKey.WEBHOOK_HEADER, app, i, name)
                    .ifPresent(value -> headers.put(name, value.reveal()));
        }
        return headers;
    }
}
