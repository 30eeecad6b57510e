package dev.pushy.undertow.pusher;

import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A text from a client: an event, perhaps on a channel, perhaps with data. Whatever else stands in it is ignored.
 *
 * @param channel as it was sent, a string if the client is right
 */
record PusherFrame(
        String event, @Nullable RawJson channel, @Nullable RawJson data) {
    /** The object of a frame around what it holds. */
    private static final int ENVELOPE_DEPTH = 1;

    /**
     * Reads a text.
     *
     * @param depth the deepest nesting of the data
     * @return null if it is no event
     */
    static @Nullable PusherFrame read(String text, int depth) {
        try {
            Map<String, RawJson> members =
                    RawJson.object(text.getBytes(StandardCharsets.UTF_8), depth + ENVELOPE_DEPTH);
            RawJson named = members.get("event");
            String event = named == null ? null : named.text();
            return event == null ? null : new PusherFrame(event, members.get("channel"), members.get("data"));
        } catch (RequestException malformed) {
            return null;
        }
    }

    /** The name of the channel, or null if there is none. */
    @Nullable
    String channelName() {
        return channel == null ? null : channel.text();
    }

    /**
     * The members of the data, which is an object or, from older clients, a string that holds one.
     *
     * @param depth the deepest nesting of a member
     * @return null if it is neither
     */
    @Nullable
    Map<String, RawJson> parameters(int depth) {
        return data == null ? null : members(data, depth);
    }

    /** The members of an object, or of one in a string; null if it is neither. */
    static @Nullable Map<String, RawJson> members(RawJson value, int depth) {
        try {
            if (value.isObject()) {
                return value.members(depth);
            }
            String text = value.text();
            return text == null ? null : RawJson.object(text.getBytes(StandardCharsets.UTF_8), depth);
        } catch (RequestException malformed) {
            return null;
        }
    }
}
