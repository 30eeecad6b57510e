package dev.pushy.undertow.pusher;

import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Where an app wants to be told of what happens.
 *
 * @param url takes a POST
 * @param events what it wants to hear
 * @param batch whether several events may come in one request
 * @param prefix only channels whose names begin so; empty: all
 * @param suffix only channels whose names end so; empty: all
 * @param headers sent along, such as credentials of the receiver
 */
public record Webhook(
        URI url, Set<WebhookEvent> events, boolean batch, String prefix, String suffix, Map<String, String> headers) {

    /**
     * Copies the collections, and checks that a request can be made of it.
     *
     * @throws IllegalArgumentException naming the part that is wrong
     */
    public Webhook {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(suffix, "suffix");
        events = Set.copyOf(events);
        headers = Map.copyOf(headers);
        requireRequest(url, headers);
    }

    /** Whoever sends it knows best what it takes. The value of a header may be a secret. */
    private static void requireRequest(URI url, Map<String, String> headers) {
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the address of a webhook must be http:// or https:// with a host", e);
        }
        headers.forEach((name, value) -> {
            try {
                request.header(name, value);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "a webhook cannot send the header " + name + ": its name or value is malformed, or HTTP clients"
                                + " set it themselves",
                        e);
            }
        });
    }

    /** Wants all events of all channels, several in a request. */
    public static Webhook of(URI url) {
        return new Webhook(url, Set.of(WebhookEvent.values()), true, "", "", Map.of());
    }

    /** Whether it wants to hear of this. */
    public boolean wants(WebhookEvent event, String channel) {
        return events.contains(event) && channel.startsWith(prefix) && channel.endsWith(suffix);
    }

    /** Without query and headers, which may hold secrets. */
    @Override
    public String toString() {
        return "Webhook[" + url.getScheme() + "://" + url.getHost() + "]";
    }
}
