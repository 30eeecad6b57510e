package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Tells the listener, and goes on whatever it throws. Thread-safe. */
record PusherEvents(PusherListener listener) implements PusherListener {
    private static final System.Logger LOG = System.getLogger(PusherEvents.class.getName());

    @Override
    public void onClientEvent(
            PusherApp app, Channel channel, String event, String data, String socketId, @Nullable String userId) {
        tell(() -> listener.onClientEvent(app, channel, event, data, socketId, userId));
    }

    @Override
    public void onCacheMiss(PusherApp app, Channel channel) {
        tell(() -> listener.onCacheMiss(app, channel));
    }

    @Override
    public void onSubscriptionCount(PusherApp app, Channel channel, int count) {
        tell(() -> listener.onSubscriptionCount(app, channel, count));
    }

    private static void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException failed) {
            LOG.log(Level.WARNING, "a listener failed", failed);
        }
    }
}
