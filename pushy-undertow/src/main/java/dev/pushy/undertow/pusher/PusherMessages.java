package dev.pushy.undertow.pusher;

import dev.pushy.core.Member;
import dev.pushy.undertow.protocol.JsonText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The texts that the protocol itself sends. {@code data} is a string that holds JSON, but for errors, where it is an
 * object: some clients know each only so.
 *
 * <p>Source:
 * <a href="https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/">the protocol</a>.
 */
final class PusherMessages {
    /** What says nothing; one client takes only these two characters for it. */
    private static final String EMPTY = "{}";

    static final String PONG = message("pusher:pong", null, EMPTY);

    private PusherMessages() {}

    private static String message(String event, @Nullable String channel, String data) {
        JsonText text = JsonText.object().put("event", event);
        if (channel != null) {
            text.put("channel", channel);
        }
        return text.put("data", data).end();
    }

    static String established(String socketId, long activitySeconds) {
        String data = JsonText.object()
                .put("socket_id", socketId)
                .put("activity_timeout", activitySeconds)
                .end();
        return message("pusher:connection_established", null, data);
    }

    static String error(PusherError error) {
        JsonText data = JsonText.object();
        if (error.code() == null) {
            data.putRaw("code", "null");
        } else {
            data.put("code", error.code());
        }
        return JsonText.object()
                .put("event", "pusher:error")
                .putRaw("data", data.put("message", error.message()).end())
                .end();
    }

    static String subscribed(String channel) {
        return message("pusher_internal:subscription_succeeded", channel, EMPTY);
    }

    /** With the members of the channel, each once, of which the client itself is one. */
    static String subscribed(String channel, Collection<Member> members) {
        JsonText hash = JsonText.object();
        List<String> ids = new ArrayList<>(members.size());
        for (Member member : members) {
            ids.add(member.subject());
            hash.putRaw(member.subject(), member.meta());
        }
        String presence = JsonText.object()
                .put("ids", ids)
                .putRaw("hash", hash.end())
                .put("count", ids.size())
                .end();
        return message(
                "pusher_internal:subscription_succeeded",
                channel,
                JsonText.object().putRaw("presence", presence).end());
    }

    /**
     * Says which subscription an error was about.
     *
     * @param event its name, which one client has otherwise
     */
    static String subscriptionError(String event, String channel, SubscriptionRefusal refusal) {
        String data = JsonText.object()
                .put("type", refusal.type())
                .put("error", refusal.error().message())
                .put("status", refusal.status())
                .end();
        return message(event, channel, data);
    }

    static String cacheMiss(String channel) {
        return message("pusher:cache_miss", channel, EMPTY);
    }

    /**
     * A sign-in succeeded.
     *
     * @param userData as the client sent it
     */
    static String signedIn(String userData) {
        return message(
                "pusher:signin_success",
                null,
                JsonText.object().put("user_data", userData).end());
    }

    static String memberAdded(String channel, Member member) {
        String data = JsonText.object()
                .put("user_id", member.subject())
                .putRaw("user_info", member.meta())
                .end();
        return message("pusher_internal:member_added", channel, data);
    }

    static String memberRemoved(String channel, Member member) {
        String data = JsonText.object().put("user_id", member.subject()).end();
        return message("pusher_internal:member_removed", channel, data);
    }

    /** Who is online, and who is not; a state in which nobody is is left out. */
    static String watchlist(Map<String, List<String>> idsByState) {
        List<String> events = new ArrayList<>(idsByState.size());
        idsByState.forEach((state, ids) -> {
            if (!ids.isEmpty()) {
                events.add(JsonText.object()
                        .put("name", state)
                        .put("user_ids", ids)
                        .end());
            }
        });
        return message(
                "pusher_internal:watchlist_events",
                null,
                JsonText.object().putRaw("events", events).end());
    }

    /** Some events of a channel are lost for good; told as an event of our own. */
    static String gap(String channel, String reason) {
        return message(
                "pushy:gap", channel, JsonText.object().put("reason", reason).end());
    }
}
