package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What callers of the REST API can ask of a channel with the parameter {@code info}. */
enum ChannelAttribute {
    /** How many members it has; of presence channels. */
    USER_COUNT,
    /** How many subscribers it has; of apps that have this switched on. */
    SUBSCRIPTION_COUNT,
    /** The last event; of cache channels. */
    CACHE;

    /** The name on the wire, such as {@code user_count}. */
    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a channel of an app has this at all. */
    boolean appliesTo(PusherApp app, Channel channel) {
        ChannelKind kind = ChannelKind.of(channel.name());
        return switch (this) {
            case USER_COUNT -> kind.hasMembers();
            case SUBSCRIPTION_COUNT -> app.features().subscriptionCount() && !channel.isReserved();
            case CACHE -> kind.hasCache();
        };
    }

    /**
     * The attributes of a list that is separated by commas.
     *
     * @throws RequestException if one is not among those that may be asked for here
     */
    static Set<ChannelAttribute> parse(@Nullable String list, Set<ChannelAttribute> allowed) {
        Set<ChannelAttribute> asked = EnumSet.noneOf(ChannelAttribute.class);
        if (list == null || list.isBlank()) {
            return asked;
        }
        for (String name : list.split(",", -1)) {
            asked.add(named(name.strip(), allowed));
        }
        return asked;
    }

    private static ChannelAttribute named(String name, Set<ChannelAttribute> allowed) {
        for (ChannelAttribute attribute : allowed) {
            if (attribute.wireName().equals(name)) {
                return attribute;
            }
        }
        throw new RequestException(
                Fault.INVALID_REQUEST,
                "Invalid info parameter: \"" + Excerpt.of(name) + "\" cannot be asked for here, only "
                        + String.join(
                                ", ",
                                allowed.stream().map(ChannelAttribute::wireName).toList()));
    }
}
