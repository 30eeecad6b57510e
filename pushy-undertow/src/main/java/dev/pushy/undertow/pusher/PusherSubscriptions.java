package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Connection;
import dev.pushy.core.Entered;
import dev.pushy.core.Entry;
import dev.pushy.core.PushyException;
import dev.pushy.core.Retained;
import dev.pushy.undertow.protocol.RawJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one client. Confined to the loop.
 *
 * <p>Bounded by the node's limit of subscriptions. One that was taken back while it was under way is answered all the same,
 * as if it had been through by then; the hub keeps the order.
 */
final class PusherSubscriptions {
    /** The numbers that say which limit it was, as other servers have them. */
    private static final int NAME_OR_NUMBER = 4009;

    private static final int CHANNEL_FULL = 4100;

    private final PusherClient client;
    private final Map<String, PusherSubscription> byName = new HashMap<>(4);
    /** Taken back by the client, and not by the hub yet. */
    private final List<PusherSubscription> ending = new ArrayList<>(0);

    PusherSubscriptions(PusherClient client) {
        this.client = client;
    }

    /** The subscription to the channel of this name, perhaps still under way, or null. */
    @Nullable
    PusherSubscription find(String name) {
        return byName.get(name);
    }

    void subscribe(PusherFrame frame) {
        Map<String, RawJson> parameters = frame.parameters(client.depth());
        String name = channelName(parameters);
        if (parameters == null || name == null) {
            return;
        }
        if (byName.containsKey(name)) {
            client.error(PusherError.alreadySubscribed(name));
            return;
        }
        int most = client.pushy().limits().subscriptions();
        if (byName.size() >= most) {
            refuse(
                    name,
                    SubscriptionRefusal.limit(
                            "The connection has " + most + " subscriptions, which is the limit: unsubscribe from some,"
                                    + " or use another connection",
                            NAME_OR_NUMBER));
            return;
        }
        try {
            decide(name, PusherChannels.of(client.app(), name), parameters);
        } catch (PushyException noChannel) {
            refuse(name, SubscriptionRefusal.limit(String.valueOf(noChannel.getMessage()), NAME_OR_NUMBER));
        }
    }

    /** The channel that a request is about; null if there is none, of which the client is told. */
    private @Nullable String channelName(@Nullable Map<String, RawJson> parameters) {
        if (parameters == null) {
            client.error(PusherError.NO_HASH);
            return null;
        }
        RawJson channel = parameters.get("channel");
        String name = channel == null ? null : channel.text();
        if (name == null) {
            client.error(PusherError.NO_CHANNEL);
        }
        return name;
    }

    private void decide(String name, Channel channel, Map<String, RawJson> parameters) {
        Admission decision = new ChannelAdmission(client.app(), client.socketId(), client.depth())
                .decide(channel, name, client.user(), parameters);
        if (decision.refusal() != null) {
            refuse(name, decision.refusal());
            return;
        }
        PusherSubscription subscription = new PusherSubscription(name, channel, decision.member());
        if (subscription.kind.isAuthorized()) {
            client.authorized();
        }
        byName.put(name, subscription);
        client.pace().asked();
        client.subscriber().enter(List.of(channel), entry(subscription), entered -> {
            client.pace().answered();
            onEntered(subscription, entered);
        });
    }

    private Entry entry(PusherSubscription subscription) {
        int most = client.app().limits().presenceMembers();
        Entry entry = subscription.member == null
                ? Entry.PLAIN
                : new Entry(subscription.member, most, Entry.Roster.AT_ONCE, false);
        return subscription.kind.hasCache() ? entry.withRetained() : entry;
    }

    private void onEntered(PusherSubscription subscription, Entered entered) {
        if (entered.full()) {
            byName.remove(subscription.name, subscription);
            refuse(
                    subscription.name,
                    SubscriptionRefusal.limit(
                            "The maximum members per presence channel limit was reached: "
                                    + client.app().limits().presenceMembers(),
                            CHANNEL_FULL));
            return;
        }
        subscription.live = true;
        Channel channel = subscription.channel;
        client.send(
                subscription.kind.hasMembers()
                        ? PusherMessages.subscribed(
                                subscription.name, entered.rosters().getOrDefault(channel, List.of()))
                        : PusherMessages.subscribed(subscription.name));
        Retained retained = entered.retained().get(channel);
        if (retained != null) {
            replay(retained);
        } else if (entered.missing().contains(channel)) {
            client.send(PusherMessages.cacheMiss(subscription.name));
            client.protocol().events().onCacheMiss(client.app(), channel);
        }
        changed(subscription);
    }

    private void replay(Retained retained) {
        Connection connection = client.subscriber().connection();
        byte[] frame = connection.format().publication(retained.publication(), null, null);
        if (frame != null) {
            connection.append(frame, null);
        }
    }

    /** The number of the channel's subscribers is another one now. */
    private void changed(PusherSubscription subscription) {
        if (client.app().features().subscriptionCount() && subscription.isCounted()) {
            client.protocol().counts().changed(client.app(), subscription.channel, client.loop());
        }
    }

    void unsubscribe(PusherFrame frame) {
        String name = channelName(frame.parameters(client.depth()));
        if (name == null) {
            return;
        }
        PusherSubscription subscription = byName.remove(name);
        if (subscription == null) {
            client.error(PusherError.notSubscribed(name));
            return;
        }
        ending.add(subscription);
        client.pace().asked();
        client.subscriber().remove(List.of(ChannelPattern.of(subscription.channel)), cursor -> {
            client.pace().answered();
            ending.remove(subscription);
            changed(subscription);
        });
    }

    /** Does something behind the requests that are under way. */
    void afterThose(Runnable action) {
        client.pace().asked();
        client.subscriber().remove(List.of(), cursor -> {
            client.pace().answered();
            action.run();
        });
    }

    /** Says why, and which channel it was about to clients that can tell. The connection goes on. */
    private void refuse(String name, SubscriptionRefusal refusal) {
        client.error(refusal.error());
        ClientLibrary library = client.library();
        if (library.readsPlainOnEncrypted() || !ChannelKind.of(name).isEncrypted()) {
            client.send(PusherMessages.subscriptionError(library.subscriptionError(), name, refusal));
        }
    }

    /** The connection has ended, and its subscriptions with it. */
    void closed() {
        ending.addAll(byName.values());
        byName.clear();
        for (PusherSubscription subscription : ending) {
            if (subscription.live) {
                changed(subscription);
            }
        }
        ending.clear();
    }
}
