package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.JsonText;
import dev.pushy.undertow.protocol.RequestException;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * The part of the Pusher REST API that tells of channels, and ends connections. Any thread; nothing blocks. What is wrong
 * with a request is thrown as a {@link RequestException}.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/library_auth_reference/rest-api/">REST API</a>.
 */
public final class ChannelApi {
    private static final String PRESENCE = "presence-";

    private final Pushy pushy;
    private final ChannelInfo info;

    /** Asks this node, which knows of all nodes. */
    public ChannelApi(Pushy pushy, InstantSource clock) {
        this.pushy = pushy;
        this.info = new ChannelInfo(pushy, clock);
    }

    /** {@code GET /apps/ID/channels}: the occupied channels. */
    public CompletionStage<String> channels(PusherApp app, RequestQuery query) {
        String asked = query.first("filter_by_prefix");
        String prefix = asked == null ? "" : asked;
        Set<ChannelAttribute> attributes =
                ChannelAttribute.parse(query.first("info"), EnumSet.of(ChannelAttribute.USER_COUNT));
        if (!attributes.isEmpty() && !prefix.startsWith(PRESENCE)) {
            throw TriggerParameters.invalid("user_count may only be requested for presence channels - please supply"
                    + " filter_by_prefix beginning with presence-");
        }
        return pushy.presence().occupied(app.tenant(), prefix).thenCompose(found -> {
            List<Channel> channels = new TreeMap<>(found)
                    .keySet().stream()
                            .map(name -> Channel.of(app.tenant(), name))
                            .toList();
            return info.ofEach(app, channels, attributes).thenApply(infos -> answer(channels, infos));
        });
    }

    private static String answer(List<Channel> channels, List<String> infos) {
        JsonText object = JsonText.object();
        for (int i = 0; i < channels.size(); i++) {
            object.putRaw(channels.get(i).name(), infos.get(i));
        }
        return JsonText.object().putRaw("channels", object.end()).end();
    }

    /** {@code GET /apps/ID/channels/CHANNEL}: whether it is occupied, and what was asked for. */
    public CompletionStage<String> channel(PusherApp app, RequestQuery query, String name) {
        Channel channel = PusherChannels.of(app, name);
        Set<ChannelAttribute> attributes =
                ChannelAttribute.parse(query.first("info"), EnumSet.allOf(ChannelAttribute.class));
        for (ChannelAttribute attribute : attributes) {
            if (!attribute.appliesTo(app, channel)) {
                throw TriggerParameters.invalid(inapplicable(attribute));
            }
        }
        return occupied(channel)
                .thenCompose(object -> info.put(object, app, channel, attributes))
                .thenApply(JsonText::end);
    }

    private static String inapplicable(ChannelAttribute attribute) {
        return switch (attribute) {
            case USER_COUNT -> "Cannot retrieve the user count unless the channel is a presence channel";
            case SUBSCRIPTION_COUNT ->
                "Cannot retrieve the subscription count unless the app has subscription counting switched on";
            case CACHE -> "Cannot retrieve the cache unless the channel is a cache channel";
        };
    }

    /** {@code GET /apps/ID/channels/CHANNEL/stats}, deprecated: whether it is occupied. */
    public CompletionStage<String> stats(PusherApp app, String name) {
        return occupied(PusherChannels.of(app, name)).thenApply(JsonText::end);
    }

    private CompletionStage<JsonText> occupied(Channel channel) {
        return pushy.presence()
                .subscriberCount(channel)
                .thenApply(count -> JsonText.object().put("occupied", count > 0));
    }

    /** {@code GET /apps/ID/channels/CHANNEL/users}: the members of a presence channel. */
    public CompletionStage<String> users(PusherApp app, String name) {
        Channel channel = PusherChannels.of(app, name);
        if (!ChannelKind.of(channel.name()).hasMembers()) {
            throw TriggerParameters.invalid("Cannot retrieve the users unless the channel is a presence channel");
        }
        return pushy.presence().members(channel).thenApply(members -> {
            List<String> users = members.stream()
                    .map(member -> JsonText.object().put("id", member.subject()).end())
                    .toList();
            return JsonText.object().putRaw("users", users).end();
        });
    }

    /** {@code POST /apps/ID/users/USER/terminate_connections}: ends the connections that are signed in as the user. */
    public CompletionStage<String> terminate(PusherApp app, String userId) {
        if (userId.isEmpty()) {
            // The empty subject is that of all who did not sign in.
            throw TriggerParameters.invalid("Expected the path to have the id of a user");
        }
        return pushy.disconnect(app.tenant(), null, userId).thenApply(sent -> "{}");
    }
}
