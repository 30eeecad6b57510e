package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RawJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The events that a client sends to the others on a channel. What they get is made from scratch: nothing that the client
 * wrote beside name, channel and data is passed on. Confined to the loop.
 */
final class ClientEvents {
    private final PusherClient client;
    private final PusherSubscriptions subscriptions;
    private @Nullable TokenBucket rate;

    ClientEvents(PusherClient client, PusherSubscriptions subscriptions) {
        this.client = client;
        this.subscriptions = subscriptions;
    }

    void relay(PusherFrame frame) {
        String name = frame.channelName();
        String data = text(frame.data());
        PusherError fault = notAllowed(name, data);
        if (fault != null || name == null || data == null) {
            client.error(fault == null ? PusherError.INVALID_CLIENT_EVENT : fault);
            return;
        }
        PusherSubscription subscription = subscriptions.find(name);
        if (subscription == null) {
            client.error(PusherError.cannotBroadcast(name));
            return;
        }
        PusherError excess = tooMuch(frame.event(), data);
        if (excess != null) {
            client.error(excess);
        } else if (subscription.live) {
            publish(subscription, frame.event(), data);
        } else {
            subscriptions.afterThose(() -> publish(subscription, frame.event(), data));
        }
    }

    /** The data as the others get it: a text as it is, anything else as its JSON. */
    private static @Nullable String text(@Nullable RawJson data) {
        if (data == null || data.isNull()) {
            return null;
        }
        String text = data.text();
        return text == null ? data.json() : text;
    }

    private @Nullable PusherError notAllowed(@Nullable String name, @Nullable String data) {
        if (!client.app().features().clientEvents()) {
            return PusherError.CLIENT_EVENTS_OFF;
        }
        if (name == null || data == null) {
            return PusherError.INVALID_CLIENT_EVENT;
        }
        return ChannelKind.of(name).isAuthorized() ? null : PusherError.CLIENT_EVENT_ON_PUBLIC;
    }

    private @Nullable PusherError tooMuch(String event, String data) {
        AppLimits limits = client.app().limits();
        if (event.length() > limits.eventLength()) {
            return PusherError.of("Client event rejected - its name has " + event.length()
                    + " characters, the limit is " + limits.eventLength());
        }
        int bytes = data.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > limits.dataBytes()) {
            return PusherError.of(
                    "Client event rejected - its data has " + bytes + " bytes, the limit is " + limits.dataBytes());
        }
        return takeToken(System.nanoTime()) ? null : PusherError.CLIENT_EVENT_RATE;
    }

    private boolean takeToken(long now) {
        if (rate == null) {
            rate = new TokenBucket(client.app().limits().clientEvents(), now);
        }
        return rate.take(now);
    }

    private void publish(PusherSubscription subscription, String event, String data) {
        Pushy pushy = client.pushy();
        Channel channel = subscription.channel;
        if (!subscription.live) {
            client.error(PusherError.cannotBroadcast(subscription.name));
            return;
        }
        if (!pushy.policies().of(channel).clientPublish()) {
            client.error(
                    PusherError.of("Client event rejected - clients may not publish on this channel by its policy"));
            return;
        }
        Member sender = subscription.member;
        String userId = sender == null ? null : sender.subject();
        Publication publication =
                PusherData.publication(channel, event, data, client.depth()).except(client.socketId());
        // What a client sends is never the last event that those who come later get.
        PublishOptions options = pushy.options(channel).withRetain(Duration.ZERO);
        pushy.publish(userId == null ? publication : publication.from(userId), options)
                .whenComplete((receipt, failure) -> {
                    if (failure == null) {
                        client.protocol()
                                .events()
                                .onClientEvent(client.app(), channel, event, data, client.socketId(), userId);
                    } else {
                        client.loop()
                                .execute(() -> client.error(
                                        PusherError.of("Client event rejected - " + Fault.detail(failure))));
                    }
                });
    }
}
