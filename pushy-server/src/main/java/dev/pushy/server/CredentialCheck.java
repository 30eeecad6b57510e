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

    /** Channels and patterns of a publisher. */
    void patterns(List<String> patterns, ConfigKey key, Object... places) {
        for (String pattern : patterns) {
            try {
                ChannelPattern.of(pattern);
            } catch (InvalidChannelException e) {
                settings.fault("is no channel and no pattern: " + e.getMessage(), key, places);
            }
        }
    }

    /** Says what must be set where there is no key to check tokens with, or nobody who can publish. */
    void requireCredentials(List<AppConfig> apps) {
        for (AppConfig app : apps) {
            boolean verifiable = !app.keys().isEmpty() || !app.publicKeys().isEmpty() || app.jwksUrl() != null;
            boolean first = app.id().equals(Channel.DEFAULT_APP);
            if (!verifiable && first && !settings.has(ConfigKey.AUTH_SECRET_KEY)) {
                settings.fault(
                        "is not set. Set AUTH_SECRET_KEY to at least 32 random bytes, for example:"
                                + " export AUTH_SECRET_KEY=\"$(openssl rand -base64 48)\"; or start with --dev to try"
                                + " things out",
                        ConfigKey.AUTH_SECRET_KEY);
            } else if (!verifiable && !first) {
                settings.faultAt(
                        "apps." + app.id(), "has no key to check tokens with; add secrets, public-keys or jwks-url");
            }
            boolean tried = settings.has(ConfigKey.PUBLISHER_CLIENT_ID)
                    || settings.has(ConfigKey.PUBLISHER_CLIENT_SECRET)
                    || settings.size(ConfigKey.PUBLISHER_ID, app.id()) > 0;
            boolean signedElsewhere = !app.publicKeys().isEmpty() || app.jwksUrl() != null;
            if (app.publishers().isEmpty() && !tried && !signedElsewhere) {
                settings.faultAt(
                        first ? ConfigKey.PUBLISHER_CLIENT_ID.path() : "apps." + app.id() + ".publishers",
                        first
                                ? "is not set: nobody could publish. Set PUBLISHER_CLIENT_ID to a name and"
                                        + " PUBLISHER_CLIENT_SECRET to at least 16 random characters, for example:"
                                        + " export PUBLISHER_CLIENT_ID=backend PUBLISHER_CLIENT_SECRET=\"$(openssl rand"
                                        + " -hex 24)\""
                                : "is missing: nobody could publish");
            }
        }
    }
}
