package dev.pushy.undertow.protocol;

import dev.pushy.core.Channel;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Pushy;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message that somebody asks to publish, checked.
 *
 * @param publication what is to be published
 * @param options how
 */
public record MessageRequest(Publication publication, PublishOptions options) {

    /**
     * Reads a message from the members of a request.
     *
     * @param fromClient whether a client sends it and no publisher
     * @throws RequestException if a member is missing, wrong or too large
     */
    public static MessageRequest read(Pushy pushy, Channel channel, Map<String, RawJson> members, boolean fromClient) {
        RawJson data = members.get("data");
        if (data == null) {
            throw new RequestException(
                    Fault.MISSING_DATA,
                    "the message for " + channel + " has no \"data\": add it; null is a value, too");
        }
        int limit = pushy.policies().of(channel).dataBytes();
        if (data.length() > limit) {
            throw new RequestException(
                    Fault.TOO_LARGE,
                    "the data for " + channel + " has " + data.length() + " bytes, the limit is " + limit
                            + ": send less, or send where to fetch it");
        }
        String event = Fields.text(members, "event");
        String name = event == null ? Publication.DEFAULT_EVENT : Names.event(pushy.limits(), event, fromClient);
        Publication publication = Publication.of(channel, name, data.bytes());
        String except = Fields.text(members, "except");
        if (except != null) {
            publication = publication.except(except);
        }
        return new MessageRequest(publication, options(pushy.options(channel), members));
    }

    /** What the channel's policy asks for, and what the message may ask for within it: to be kept less. */
    private static PublishOptions options(PublishOptions policy, Map<String, RawJson> members) {
        PublishOptions options = policy;
        Boolean history = Fields.truth(members, "history");
        Long ttl = Fields.number(members, "ttl");
        if (ttl != null && ttl < 0) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "\"ttl\" is " + ttl + ": it is the seconds in history, 0 or more");
        }
        if (Boolean.FALSE.equals(history)) {
            options = PublishOptions.LIVE_ONLY.withRetain(policy.retain());
        } else if (ttl != null) {
            long most = options.historyAge().toSeconds();
            Duration kept = ttl >= most ? options.historyAge() : Duration.ofSeconds(ttl);
            options = new PublishOptions(policy.historySize(), policy.historyAge(), kept, null, policy.retain());
        }
        String key = key(members);
        return key == null ? options : options.withKey(key);
    }

    private static @Nullable String key(Map<String, RawJson> members) {
        String key = Fields.text(members, "key");
        if (key != null && (key.isEmpty() || key.length() > PublishOptions.MAX_KEY_LENGTH)) {
            throw new RequestException(
                    Fault.INVALID_REQUEST,
                    "\"key\" has " + key.length() + " characters, it needs 1 to " + PublishOptions.MAX_KEY_LENGTH);
        }
        return key;
    }
}
