package dev.pushy.undertow.pusher;

import dev.pushy.core.Member;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection may subscribe to a channel.
 *
 * @param member as whom, on a channel with members
 * @param refusal why not, or null
 */
record Admission(@Nullable Member member, @Nullable SubscriptionRefusal refusal) {
    /** As one of many. */
    static final Admission OPEN = new Admission(null, null);

    static Admission as(Member member) {
        return new Admission(member, null);
    }

    static Admission refused(SubscriptionRefusal refusal) {
        return new Admission(null, refusal);
    }

    static Admission refused(String message) {
        return refused(SubscriptionRefusal.auth(message));
    }
}
