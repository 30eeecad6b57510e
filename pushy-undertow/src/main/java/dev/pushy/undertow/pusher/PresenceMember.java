package dev.pushy.undertow.pusher;

import dev.pushy.core.Member;
import dev.pushy.undertow.protocol.RawJson;
import dev.pushy.undertow.protocol.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads who wants to be a member of a presence channel: {@code {"user_id": ..., "user_info": {...}}}.
 *
 * <p>An id that was sent as a number is its digits everywhere: several libraries know ids as texts only.
 */
record PresenceMember(AppLimits limits, int depth) {
    private static final String NOTHING = "null";
    /** What else there is of {@code {"user_id":...,"user_info":...}} but the two values. */
    private static final int AROUND = "{\"user_id\":\"\",\"user_info\":}".length();
    /** The numbers that say which limit it was, as other servers have them. */
    private static final int TOO_LARGE = 4301;

    /** Reads what the app signed. */
    Admission read(String channelData) {
        Map<String, RawJson> members;
        try {
            members = RawJson.object(channelData.getBytes(StandardCharsets.UTF_8), depth);
        } catch (RequestException malformed) {
            return Admission.refused("channel_data must be a JSON object with a user_id");
        }
        String id = id(members.get("user_id"));
        if (id == null || id.isEmpty()) {
            return Admission.refused(
                    "user_id supplied to presence subscription is invalid - it must be a string that is"
                            + " not empty, or a whole number");
        }
        String info = info(members.get("user_info"));
        return info == null
                ? Admission.refused("user_info supplied to presence subscription is invalid - if supplied it must be a"
                        + " type of hash")
                : admit(new Member(id, info, 0));
    }

    private static @Nullable String id(@Nullable RawJson value) {
        if (value == null) {
            return null;
        }
        return value.isInteger() ? value.json() : value.text();
    }

    /** What is told of the member, or null if it is not of a kind that can be. PHP writes an empty object as an array. */
    private static @Nullable String info(@Nullable RawJson value) {
        if (value == null || value.isNull() || value.isEmptyArray()) {
            return NOTHING;
        }
        return value.isObject() ? value.json() : null;
    }

    /** Checks the limits. */
    Admission admit(Member member) {
        if (member.subject().length() > limits.memberIdLength()) {
            return tooLarge("The user_id has " + member.subject().length() + " characters, the limit is "
                    + limits.memberIdLength());
        }
        int bytes = utf8(member.subject()) + utf8(member.meta()) + AROUND;
        if (bytes > limits.memberBytes()) {
            return tooLarge("user_id and user_info have " + bytes + " bytes, the limit of a member is "
                    + limits.memberBytes() + ": send less");
        }
        return Admission.as(member);
    }

    private static Admission tooLarge(String message) {
        return Admission.refused(SubscriptionRefusal.limit(message, TOO_LARGE));
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
