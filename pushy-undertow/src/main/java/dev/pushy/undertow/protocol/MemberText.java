package dev.pushy.undertow.protocol;

import dev.pushy.core.Gap;
import dev.pushy.core.Member;
import java.util.List;

/** How a member and a gap look as JSON, the same in every native answer. */
public final class MemberText {
    private MemberText() {}

    /** A member; how many connections it has only where that is known. */
    public static String of(Member member) {
        JsonText text = JsonText.object().put("subject", member.subject()).putRaw("meta", member.meta());
        if (member.connections() > 0) {
            text.put("connections", member.connections());
        }
        return text.end();
    }

    /** All members of a channel. */
    public static List<String> of(List<Member> members) {
        return members.stream().map(MemberText::of).toList();
    }

    static JsonText put(JsonText text, Gap gap) {
        return text.put("channels", gap.channels()).put("reason", gap.reason().word());
    }
}
