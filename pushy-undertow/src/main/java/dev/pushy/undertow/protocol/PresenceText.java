package dev.pushy.undertow.protocol;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.core.Pushy;
import java.util.List;

/** The members of a channel as an answer. */
public final class PresenceText {
    private PresenceText() {}

    /**
     * Checks that the channel has members at all.
     *
     * @throws RequestException if its policy has none
     */
    public static void requirePresence(Pushy pushy, Channel channel) {
        if (!pushy.policies().of(channel).presence()) {
            throw new RequestException(
                    Fault.NOT_FOUND,
                    "presence is off for " + channel
                            + ": switch it on in the policy of a pattern that matches it, or use a"
                            + " name that begins with presence-");
        }
    }

    /** Adds channel, count and members. */
    public static JsonText put(JsonText text, Channel channel, List<Member> members) {
        return text.put("channel", channel.name())
                .put("count", members.size())
                .putRaw("members", MemberText.of(members));
    }
}
