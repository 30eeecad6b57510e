package dev.pushy.undertow.protocol;

import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Grant;
import dev.pushy.core.Subscriber;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A new token for an open connection.
 *
 * @param refusal why it was not taken, or null
 * @param lost subscriptions that the new token does not allow any more
 */
record Renewal(@Nullable String refusal, List<ChannelPattern> lost) {

    /** Puts the new grant in the place of the old one, if it is of the same subject. On the loop. */
    static Renewal of(Subscriber subscriber, Grant renewed) {
        Grant old = subscriber.grant();
        if (!old.app().equals(renewed.app()) || !old.subject().equals(renewed.subject())) {
            return new Renewal("the new token is of another subject or app: open another connection for it", List.of());
        }
        subscriber.grant(renewed);
        List<ChannelPattern> lost = subscriber.patterns().stream()
                .filter(pattern -> !renewed.maySubscribe(pattern))
                .toList();
        return new Renewal(null, lost);
    }
}
