package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.undertow.protocol.Origins;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** An app as the Pusher protocol knows it: its keys, what it may do, and whom it tells. Immutable. */
public final class PusherApp {
    private final String id;
    private final String tenant;
    private final List<AppKey> keys;
    private final AppLimits limits;
    private final AppFeatures features;
    private final List<ChannelPattern> publicChannels;
    private final List<Webhook> webhooks;
    private final Origins origins;

    private PusherApp(Builder builder) {
        this.id = builder.id;
        this.tenant = builder.tenant;
        this.keys = List.copyOf(builder.keys);
        this.limits = builder.limits;
        this.features = builder.features;
        this.publicChannels = builder.publicChannels.stream()
                .map(pattern -> ChannelPattern.of(builder.tenant, pattern))
                .toList();
        this.webhooks = List.copyOf(builder.webhooks);
        this.origins = builder.origins;
    }

    /**
     * Begins to describe an app.
     *
     * @param id digits by default, since some libraries read it as a number
     */
    public static Builder builder(String id) {
        return new Builder(id);
    }

    /** What signed requests name it by. */
    public String id() {
        return id;
    }

    /** The app whose channels these are, in the words of {@link Channel#app}. */
    public String tenant() {
        return tenant;
    }

    /** Its keys, the oldest first; at least one. */
    public List<AppKey> keys() {
        return keys;
    }

    /** The key of this name, if it is one of them. */
    public Optional<AppKey> key(String name) {
        return keys.stream().filter(key -> key.key().equals(name)).findFirst();
    }

    /** Its bounds. */
    public AppLimits limits() {
        return limits;
    }

    /** What is switched on. */
    public AppFeatures features() {
        return features;
    }

    /** Whether clients may subscribe to a channel without authorization, one whose name does not demand any. */
    public boolean isPublic(Channel channel) {
        for (ChannelPattern pattern : publicChannels) {
            if (pattern.matches(channel)) {
                return true;
            }
        }
        return false;
    }

    /** How long the last event of a channel is kept for those who come later; zero unless its name says that it is. */
    public Duration cacheLife(Channel channel) {
        return ChannelKind.of(channel.name()).hasCache() ? limits.cacheLife() : Duration.ZERO;
    }

    /** Whom it tells. */
    public List<Webhook> webhooks() {
        return webhooks;
    }

    /** The pages that may use it from a browser. */
    public Origins origins() {
        return origins;
    }

    /** The id. */
    @Override
    public String toString() {
        return "PusherApp[" + id + "]";
    }

    /** Collects what an app is; all but a key has a default. */
    public static final class Builder {
        private final String id;
        private final List<AppKey> keys = new ArrayList<>();
        private final List<Webhook> webhooks = new ArrayList<>();
        private String tenant = Channel.DEFAULT_APP;
        private AppLimits limits = AppLimits.DEFAULT;
        private AppFeatures features = AppFeatures.DEFAULT;
        private List<String> publicChannels = List.of("**");
        private Origins origins = Origins.of(List.of("*"));

        private Builder(String id) {
            this.id = Objects.requireNonNull(id, "id");
        }

        /** The app whose channels these are. Default: {@value Channel#DEFAULT_APP}. */
        public Builder tenant(String app) {
            this.tenant = Objects.requireNonNull(app, "app");
            return this;
        }

        /** Adds a key; the first is the oldest. */
        public Builder key(String key, String secret) {
            keys.add(new AppKey(key, secret));
            return this;
        }

        /** Bounds. */
        public Builder limits(AppLimits bounds) {
            this.limits = Objects.requireNonNull(bounds, "limits");
            return this;
        }

        /** Switches. */
        public Builder features(AppFeatures switches) {
            this.features = Objects.requireNonNull(switches, "features");
            return this;
        }

        /** The channels and patterns that need no authorization, among those whose names demand none. Default: all. */
        public Builder publicChannels(List<String> patterns) {
            this.publicChannels = List.copyOf(patterns);
            return this;
        }

        /** Adds somebody to tell. */
        public Builder webhook(Webhook webhook) {
            webhooks.add(Objects.requireNonNull(webhook, "webhook"));
            return this;
        }

        /** Pages that may use it from a browser. Default: all. */
        public Builder origins(Origins allowed) {
            this.origins = Objects.requireNonNull(allowed, "origins");
            return this;
        }

        /**
         * The app.
         *
         * @throws IllegalArgumentException if it has no key
         */
        public PusherApp build() {
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("app " + id + " has no key: give it one with its secret");
            }
            return new PusherApp(this);
        }
    }
}
