package dev.pushy.examples.apps;

import dev.pushy.core.Channel;
import dev.pushy.undertow.pusher.AppKey;
import dev.pushy.undertow.pusher.AppLimits;
import dev.pushy.undertow.pusher.AppRegistry;
import dev.pushy.undertow.pusher.PusherApp;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The customers of a product: each is an app with keys of its own, whose channels no other one sees. They come, change and
 * go while the server runs. Kept in memory, where a product would ask its database; the registry may block.
 *
 * <p>Thread-safe: whoever asks sees all customers as they were at one moment.
 */
final class Customers implements AppRegistry {
    private static final int FIRST_ID = 1001;
    private static final int KEY_BYTES = 10;
    private static final int SECRET_BYTES = 24;
    /** Customers that only try the product. */
    private static final AppLimits TRIAL = AppLimits.DEFAULT.withConnections(2);

    private final SecureRandom random = new SecureRandom();
    private volatile Map<String, PusherApp> byName = Map.of();
    private int lastId = FIRST_ID - 1;

    /** Takes a customer in, whose name becomes the name of its part of the channels; empty if there is one of that name. */
    synchronized Optional<PusherApp> add(String name) {
        if (byName.containsKey(name)) {
            return Optional.empty();
        }
        lastId++;
        AppKey first = newKey();
        return Optional.of(put(PusherApp.builder(Integer.toString(lastId))
                .tenant(name)
                .limits(TRIAL)
                .key(first.key(), first.secret())
                .build()));
    }

    /** Gives a customer one more key, beside the old ones: so it can change over without a break. */
    synchronized Optional<PusherApp> addKey(String name) {
        List<AppKey> more = List.of(newKey());
        return Optional.ofNullable(byName.get(name)).map(app -> put(copy(app, app.limits(), more)));
    }

    /** A customer that pays has no limit of connections. */
    synchronized Optional<PusherApp> upgrade(String name) {
        return Optional.ofNullable(byName.get(name)).map(app -> put(copy(app, AppLimits.DEFAULT, List.of())));
    }

    /** Whether there was such a customer. Connections that are open go on; no more can be opened. */
    synchronized boolean remove(String name) {
        Map<String, PusherApp> fewer = new HashMap<>(byName);
        boolean known = fewer.remove(name) != null;
        byName = Map.copyOf(fewer);
        return known;
    }

    private PusherApp put(PusherApp app) {
        Map<String, PusherApp> more = new HashMap<>(byName);
        more.put(app.tenant(), app);
        byName = Map.copyOf(more);
        return app;
    }

    private static PusherApp copy(PusherApp app, AppLimits limits, List<AppKey> more) {
        PusherApp.Builder copy =
                PusherApp.builder(app.id()).tenant(app.tenant()).limits(limits);
        List<AppKey> keys = new ArrayList<>(app.keys());
        keys.addAll(more);
        keys.forEach(key -> copy.key(key.key(), key.secret()));
        return copy.build();
    }

    private AppKey newKey() {
        return new AppKey(random(KEY_BYTES), random(SECRET_BYTES));
    }

    private String random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public Optional<PusherApp> byKey(String key) {
        return byName.values().stream().filter(app -> app.key(key).isPresent()).findAny();
    }

    @Override
    public Optional<PusherApp> byId(String id) {
        return byName.values().stream().filter(app -> app.id().equals(id)).findAny();
    }

    @Override
    public Optional<PusherApp> byTenant(String tenant) {
        return Optional.ofNullable(byName.get(tenant));
    }

    /** How long the last message of a channel is kept for those who subscribe later. Must not block. */
    Duration cacheLife(Channel channel) {
        @Nullable PusherApp app = byName.get(channel.app());
        return app == null ? Duration.ZERO : app.cacheLife(channel);
    }
}
