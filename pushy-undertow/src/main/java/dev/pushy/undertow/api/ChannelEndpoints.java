package dev.pushy.undertow.api;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.HistoryRequest;
import dev.pushy.undertow.protocol.JsonText;
import dev.pushy.undertow.protocol.Names;
import dev.pushy.undertow.protocol.PresenceText;
import dev.pushy.undertow.protocol.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What can be read about channels: members, history, who is occupied. */
final class ChannelEndpoints {
    /** The most bytes of one answer's messages; a client reads on with the answer's cursor. */
    private static final long HISTORY_BYTES = 8L << 20;

    private ChannelEndpoints() {}

    /** {@code GET /presence/{channel}}. */
    static void presence(Call call, String name) {
        withReadable(call, name, channel -> {
            Pushy pushy = call.settings().pushy();
            PresenceText.requirePresence(pushy, channel);
            if (isTrue(call, "count")) {
                call.await(
                        pushy.presence().memberCount(channel),
                        count -> call.answer(
                                JsonText.object().put("channel", channel.name()).put("count", count)));
            } else {
                call.await(
                        pushy.presence().members(channel),
                        members -> call.answer(PresenceText.put(JsonText.object(), channel, members)));
            }
        });
    }

    /** {@code GET /history/{channel}}. */
    static void history(Call call, String name) {
        withReadable(call, name, channel -> {
            Pushy pushy = call.settings().pushy();
            HistoryRequest request = HistoryRequest.of(
                    pushy, number(call, "limit"), call.target().first("since"), isTrue(call, "reverse"));
            call.await(
                    request.read(pushy, channel, HISTORY_BYTES), answer -> call.answer(answer.put(JsonText.object())));
        });
    }

    /** Goes on with a channel that the publisher may use, or that the client's token covers. */
    private static void withReadable(Call call, String name, Consumer<Channel> then) {
        Pushy pushy = call.settings().pushy();
        if (call.hasPublisher() || !call.hasToken()) {
            Publisher publisher = call.publisher();
            Channel channel = Names.channel(pushy.limits(), publisher.app(), name);
            PublishEndpoint.requirePublisher(publisher, channel);
            then.accept(channel);
        } else {
            call.withGrant(grant -> {
                Channel channel = Names.channel(pushy.limits(), grant.app(), name);
                Names.requireGranted(grant, List.of(ChannelPattern.of(channel)));
                then.accept(channel);
            });
        }
    }

    /** {@code GET /channels}: the occupied channels that the publisher may use. */
    static void occupied(Call call) {
        Publisher publisher = call.publisher();
        String prefix = call.target().first("prefix");
        call.await(
                call.settings().pushy().presence().occupied(publisher.app(), prefix == null ? "" : prefix), found -> {
                    List<String> channels = new ArrayList<>();
                    for (Map.Entry<String, Integer> entry : new TreeMap<>(found).entrySet()) {
                        if (publisher.may(Channel.of(publisher.app(), entry.getKey()))) {
                            channels.add(
                                    channel(entry.getKey(), entry.getValue()).end());
                        }
                    }
                    call.answer(JsonText.object().putRaw("channels", channels));
                });
    }

    /** {@code GET /channels/{channel}}. */
    static void channel(Call call, String name) {
        Publisher publisher = call.publisher();
        Channel channel = Names.channel(call.settings().pushy().limits(), publisher.app(), name);
        PublishEndpoint.requirePublisher(publisher, channel);
        call.await(
                call.settings().pushy().presence().subscriberCount(channel),
                count -> call.answer(channel(channel.name(), count).put("occupied", count > 0)));
    }

    private static JsonText channel(String name, int subscribers) {
        return JsonText.object().put("channel", name).put("subscribers", subscribers);
    }

    private static boolean isTrue(Call call, String name) {
        String value = call.target().first(name);
        if (value == null || value.equals("false")) {
            return false;
        }
        if (value.equals("true")) {
            return true;
        }
        throw new RequestException(
                Fault.INVALID_REQUEST, "\"" + name + "\" is \"" + Excerpt.of(value) + "\": it is true or false");
    }

    static @Nullable Long number(Call call, String name) {
        String value = call.target().first(name);
        if (value == null) {
            return null;
        }
        try {
            return Long.valueOf(value);
        } catch (NumberFormatException e) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "\"" + name + "\" is \"" + Excerpt.of(value) + "\": it is a whole number");
        }
    }
}
