package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;

/**
 * Channels by the names that Pusher's clients and libraries know them by.
 *
 * <p>{@code #server-to-user-ID} is a reserved channel of the node, keyed by the user's id; any other name with a {@code #}
 * is none.
 */
public final class PusherChannels {
    /** The longest id of a user, in characters: so much fits into the name of a channel however it is encoded. */
    static final int USER_ID_LENGTH = 200;

    private static final String USER = "user";
    private static final String ONLINE = "online";

    private PusherChannels() {}

    /**
     * The channel of this name.
     *
     * @throws RequestException if it is longer than the app allows, or names no user where it should
     * @throws dev.pushy.core.InvalidChannelException if it is none
     */
    public static Channel of(PusherApp app, String name) {
        int most = app.limits().channelLength();
        if (name.length() > most) {
            throw invalid("the channel name \"" + Excerpt.of(name) + "\" has " + name.length()
                    + " characters, the limit is " + most + ": use a shorter name");
        }
        if (ChannelKind.of(name) != ChannelKind.USER) {
            return Channel.of(app.tenant(), name);
        }
        String userId = name.substring(ChannelKind.USER.prefix().length());
        if (userId.isEmpty()) {
            throw invalid("the channel name \"" + Excerpt.of(name) + "\" lacks the user's id at its end");
        }
        return toUser(app, userId);
    }

    private static RequestException invalid(String detail) {
        return new RequestException(Fault.INVALID_CHANNEL, detail);
    }

    /** The channel of the events for one user. */
    public static Channel toUser(PusherApp app, String userId) {
        return Channel.reserved(app.tenant(), USER, userId);
    }

    /** The channel whose members are the connections that are signed in as one user. */
    static Channel online(PusherApp app, String userId) {
        return Channel.reserved(app.tenant(), ONLINE, userId);
    }

    /** How long the id of a user may be who signs in. */
    static int userIdLength(PusherApp app) {
        return Math.min(app.limits().memberIdLength(), USER_ID_LENGTH);
    }

    /** Whether this tells who is online. */
    static boolean isOnline(Channel channel) {
        return channel.name().startsWith('#' + ONLINE + '.');
    }

    /** The name that clients know the channel by. */
    public static String name(Channel channel) {
        return channel.name().startsWith('#' + USER + '.')
                ? ChannelKind.USER.prefix() + channel.reservedKey()
                : channel.name();
    }
}
