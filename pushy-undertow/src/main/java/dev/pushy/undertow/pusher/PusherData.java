package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Publication;
import dev.pushy.undertow.protocol.JsonString;
import dev.pushy.undertow.protocol.RawJson;
import java.nio.charset.StandardCharsets;

/**
 * The data of an event, which Pusher's clients and libraries know as a text and all others as a JSON value.
 *
 * <p>A text that is JSON becomes that value, byte for byte; any other becomes a JSON string that is marked as standing for
 * plain text. Either way Pusher's clients get the text back as it was.
 */
public final class PusherData {
    private PusherData() {}

    /**
     * An event to be published.
     *
     * @param data what the clients of Pusher get
     * @param depth the deepest nesting that is taken for JSON
     */
    public static Publication publication(Channel channel, String event, String data, int depth) {
        byte[] utf8 = data.getBytes(StandardCharsets.UTF_8);
        return JsonString.isText(data) && RawJson.isValue(utf8, depth)
                ? Publication.of(channel, event, utf8)
                : Publication.of(channel, event, JsonString.of(data)).asText();
    }

    /** The data as the JSON string that Pusher's clients get. */
    static byte[] quoted(Publication publication) {
        return publication.isText() ? publication.data() : JsonString.of(publication.data());
    }
}
