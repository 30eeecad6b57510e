package dev.pushy.server;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.InvalidChannelException;
import java.util.List;
import java.util.regex.Pattern;

/** Judges secrets, and says what is missing where there are none. Never says what a secret is. */
final class CredentialCheck {
    private static final int SHORTEST_KEY = 32;
    private static final int SHORTEST_PUBLISHER_SECRET = 16;
    private static final String PREFIX = "sha256:";
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");
    private static final String ONLY_DEV = "is a sample value that everybody knows; it works only with --dev";

    private final Settings settings;
    private final boolean dev;

    CredentialCheck(Settings settings, boolean dev) {
        this.settings = settings;
        this.dev = dev;
    }

    /** A key that checks tokens. */
    void key(Secret secret, ConfigKey key, Object... places) {
        if (dev) {
            return;
        }
        int length = secret.bytes().length;
        if (SampleCredentials.contains(secret)) {
            settings.fault(ONLY_DEV + "; make your own, for example with: openssl rand -base64 48", key, places);
        } else if (length < SHORTEST_KEY) {
            settings.fault(
                    "has " + length + " bytes; it needs at least " + SHORTEST_KEY
                            + ", for example from: openssl rand -base64 48",
                    key,
                    places);
        }
    }

    /** A publisher's secret, plain or hashed. */
    void publisherSecret(Secret secret, ConfigKey key, Object... places) {
        String text = secret.reveal();
        if (text.startsWith(PREFIX)) {
            if (!HEX.matcher(text.substring(PREFIX.length())).matches()) {
                settings.fault(
                        "begins with sha256: but 64 hex digits do not follow; make them with:"
                                + " printf %s SECRET | sha256sum",
                        key, places);
            }
        } else if (!dev && SampleCredentials.contains(secret)) {
            settings.fault(ONLY_DEV + "; make your own, for example with: openssl rand -hex 24", key, places);
        } else if (!dev && text.length() < SHORTEST_PUBLISHER_SECRET) {
            settings.fault(
                    "has " + text.length() + " characters; it needs at least " + SHORTEST_PUBLISHER_SECRET
                            + ", for example from: openssl rand -hex 24",
                    key,
                    places);
        }
    }

    /** The secret of a key of the Pusher protocol; short ones have always been allowed there. */
    void appSecret(Secret secret, ConfigKey key, Object... places) {
        if (!dev && SampleCredentials.contains(secret)) {
            settings.fault(ONLY_DEV + "; make your own, for example with: openssl rand -hex 24", key, places);
        }
    }

    /** Channels and patterns; false if one of them is neither. */
    boolean patterns(List<String> patterns, ConfigKey key, Object... places) {
        boolean good = true;
        for (String pattern : patterns) {
            try {
                ChannelPattern.of(pattern);
            } catch (InvalidChannelException e) {
                good = false;
                settings.fault("is no channel and no pattern: " + e.getMessage(), key, places);
            }
        }
        return good;
    }

    /** Says what must be set where there is no key to check tokens with, or nobody who can publish. */
    void requireCredentials(List<AppConfig> apps) {
        for (AppConfig app : apps) {
            if (mayDoWithout(app, apps)) {
                continue;
            }
            if (app.id().equals(Channel.DEFAULT_APP)) {
                requireFirst(app);
            } else {
                requireOther(app);
            }
        }
    }

    /** An app of the Pusher protocol alone, or the first one where there are others and nothing was said of it. */
    private boolean mayDoWithout(AppConfig app, List<AppConfig> apps) {
        boolean nothing = !app.isVerifiable() && app.publishers().isEmpty() && !isPublisherTried(app);
        boolean spare = apps.size() > 1 && app.id().equals(Channel.DEFAULT_APP) && !settings.hasAt("apps.default");
        return nothing
                && (spare || PusherConfig.isTried(settings, app.id()))
                && !settings.has(ConfigKey.AUTH_SECRET_KEY);
    }

    private boolean isPublisherTried(AppConfig app) {
        boolean flat = settings.has(ConfigKey.PUBLISHER_CLIENT_ID) || settings.has(ConfigKey.PUBLISHER_CLIENT_SECRET);
        return (flat && app.id().equals(Channel.DEFAULT_APP)) || settings.size(ConfigKey.PUBLISHER_ID, app.id()) > 0;
    }

    private void requireFirst(AppConfig app) {
        if (!app.isVerifiable() && !settings.has(ConfigKey.AUTH_SECRET_KEY)) {
            settings.fault(
                    "is not set. Set AUTH_SECRET_KEY to at least 32 random bytes, for example:"
                            + " export AUTH_SECRET_KEY=\"$(openssl rand -base64 48)\"; or start with --dev to try"
                            + " things out",
                    ConfigKey.AUTH_SECRET_KEY);
        }
        if (hasNoPublisher(app)) {
            settings.fault(
                    "is not set: nobody could publish. Set PUBLISHER_CLIENT_ID to a name and"
                            + " PUBLISHER_CLIENT_SECRET to at least 16 random characters, for example:"
                            + " export PUBLISHER_CLIENT_ID=backend PUBLISHER_CLIENT_SECRET=\"$(openssl rand"
                            + " -hex 24)\"",
                    ConfigKey.PUBLISHER_CLIENT_ID);
        }
    }

    private void requireOther(AppConfig app) {
        if (!app.isVerifiable()) {
            settings.faultAt(
                    "apps." + app.id(), "has no key to check tokens with; add secrets, public-keys or jwks-url");
        }
        if (hasNoPublisher(app)) {
            settings.faultAt("apps." + app.id() + ".publishers", "is missing: nobody could publish");
        }
    }

    /** Whether there is nobody who can publish, and nothing else wrong that was told already. */
    private boolean hasNoPublisher(AppConfig app) {
        boolean signedElsewhere = !app.publicKeys().isEmpty() || app.jwksUrl() != null;
        return app.publishers().isEmpty() && !isPublisherTried(app) && !signedElsewhere;
    }
}
