package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.undertow.protocol.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * One event as a webhook tells it.
 *
 * @param event what it tells of
 * @param channel the name of the channel
 * @param json an object
 */
record WebhookMessage(WebhookEvent event, String channel, String json) {

    /** Of a channel as such. */
    static WebhookMessage of(WebhookEvent event, Channel channel) {
        return new WebhookMessage(event, channel.name(), begin(event, channel).end());
    }

    /** Of a member of a channel. */
    static WebhookMessage of(WebhookEvent event, Channel channel, String userId) {
        return new WebhookMessage(
                event,
                channel.name(),
                begin(event, channel).put("user_id", userId).end());
    }

    static WebhookMessage count(Channel channel, int count) {
        WebhookEvent event = WebhookEvent.SUBSCRIPTION_COUNT;
        return new WebhookMessage(
                event,
                channel.name(),
                begin(event, channel).put("subscription_count", count).end());
    }

    /** All fields are texts: some libraries take nothing else. */
    static WebhookMessage clientEvent(
            Channel channel, String name, String data, String socketId, @Nullable String userId) {
        JsonText json = begin(WebhookEvent.CLIENT_EVENT, channel)
                .put("event", name)
                .put("data", data)
                .put("socket_id", socketId);
        if (userId != null) {
            json.put("user_id", userId);
        }
        return new WebhookMessage(WebhookEvent.CLIENT_EVENT, channel.name(), json.end());
    }

    private static JsonText begin(WebhookEvent event, Channel channel) {
        return JsonText.object().put("name", event.wireName()).put("channel", channel.name());
    }

    /** What it tells of; its content may be private. */
    @Override
    public String toString() {
        return "WebhookMessage[" + event.wireName() + "]";
    }
}
