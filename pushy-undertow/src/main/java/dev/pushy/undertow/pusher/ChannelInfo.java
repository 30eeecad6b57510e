package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Pushy;
import dev.pushy.core.Retained;
import dev.pushy.undertow.protocol.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The attributes of channels as the REST API tells them. Any thread. */
final class ChannelInfo {
    /** The most questions that wait for the presence store at one time. */
    private static final int AT_ONCE = 256;

    private final Pushy pushy;
    private final InstantSource clock;

    ChannelInfo(Pushy pushy, InstantSource clock) {
        this.pushy = pushy;
        this.clock = clock;
    }

    /** An object with those attributes that the channel has; others are left out. */
    CompletionStage<JsonText> of(PusherApp app, Channel channel, Set<ChannelAttribute> asked) {
        return put(JsonText.object(), app, channel, asked);
    }

    /** Adds to an object those attributes that the channel has. */
    CompletionStage<JsonText> put(JsonText object, PusherApp app, Channel channel, Set<ChannelAttribute> asked) {
        CompletionStage<JsonText> text = CompletableFuture.completedFuture(object);
        for (ChannelAttribute attribute : ChannelAttribute.values()) {
            if (asked.contains(attribute) && attribute.appliesTo(app, channel)) {
                text = text.thenCombine(
                        value(attribute, channel), (json, value) -> json.putRaw(attribute.wireName(), value));
            }
        }
        return text;
    }

    /** The objects of many channels, in their order. */
    CompletionStage<List<String>> ofEach(PusherApp app, List<Channel> channels, Set<ChannelAttribute> asked) {
        CompletionStage<List<String>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (int from = 0; from < channels.size(); from += AT_ONCE) {
            List<Channel> some = channels.subList(from, Math.min(channels.size(), from + AT_ONCE));
            all = all.thenCompose(before -> some(app, some, asked, before));
        }
        return all;
    }

    private CompletionStage<List<String>> some(
            PusherApp app, List<Channel> channels, Set<ChannelAttribute> asked, List<String> before) {
        CompletionStage<List<String>> all = CompletableFuture.completedFuture(before);
        for (Channel channel : channels) {
            all = all.thenCombine(of(app, channel, asked), (list, object) -> {
                list.add(object.end());
                return list;
            });
        }
        return all;
    }

    private CompletionStage<String> value(ChannelAttribute attribute, Channel channel) {
        return switch (attribute) {
            case USER_COUNT -> pushy.presence().memberCount(channel).thenApply(String::valueOf);
            case SUBSCRIPTION_COUNT -> pushy.presence().subscriberCount(channel).thenApply(String::valueOf);
            case CACHE -> pushy.retained(channel).thenApply(this::cache);
        };
    }

    private String cache(Optional<Retained> kept) {
        if (kept.isEmpty()) {
            return "null";
        }
        long left = kept.get().expiresAt() - clock.millis();
        String data = new String(PusherData.quoted(kept.get().publication()), StandardCharsets.UTF_8);
        return JsonText.object()
                .putRaw("data", data)
                .put("ttl", Math.max(0, left / 1_000))
                .end();
    }
}
