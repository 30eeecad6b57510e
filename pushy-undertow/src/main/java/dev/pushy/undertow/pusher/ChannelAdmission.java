package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.RawJson;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may subscribe to what.
 *
 * <p>A name that demands it needs the app's signature over socket id and channel, and over what is said of the member where
 * that is sent along, on a private channel too. A presence channel without it takes the user that the connection is signed
 * in as. All other channels are open if the app says so.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/library_auth_reference/auth-signatures/">auth signatures</a>.
 */
final class ChannelAdmission {
    private final PusherApp app;
    private final String socketId;
    private final PresenceMember members;

    ChannelAdmission(PusherApp app, String socketId, int depth) {
        this.app = app;
        this.socketId = socketId;
        this.members = new PresenceMember(app.limits(), depth);
    }

    /**
     * Decides.
     *
     * @param name as the client sent it
     * @param user that the connection is signed in as, or null
     * @param parameters of the request
     */
    Admission decide(Channel channel, String name, @Nullable PusherUser user, Map<String, RawJson> parameters) {
        ChannelKind kind = ChannelKind.of(name);
        if (kind.isAuthorized()) {
            return authorized(name, kind, user, parameters);
        }
        if (kind == ChannelKind.USER) {
            return user != null && channel.reservedKey().equals(user.id())
                    ? Admission.OPEN
                    : Admission.refused("Auth info required to subscribe to " + Excerpt.of(name)
                            + ": only connections that are signed in as this user may");
        }
        return app.isPublic(channel)
                ? Admission.OPEN
                : Admission.refused("Auth info required to subscribe to " + Excerpt.of(name)
                        + ": it is none of the app's public channels. Name it in pusher.public-channels, or use a name"
                        + " that begins with private-");
    }

    private Admission authorized(
            String name, ChannelKind kind, @Nullable PusherUser user, Map<String, RawJson> parameters) {
        RawJson data = parameters.get("channel_data");
        String channelData = data == null || data.isNull() ? "" : data.text();
        if (channelData == null) {
            return Admission.refused("channel_data of " + Excerpt.of(name) + " must be a string that holds JSON");
        }
        boolean without = channelData.isEmpty();
        String signed = without
                ? PusherAuth.subscription(socketId, name)
                : PusherAuth.subscription(socketId, name, channelData);
        String fault = AuthCheck.subscription(name).fault(app, parameters.get("auth"), signed);
        if (fault != null) {
            return Admission.refused(fault);
        }
        if (!kind.hasMembers()) {
            return Admission.OPEN;
        }
        if (!without) {
            return members.read(channelData);
        }
        return user == null
                ? Admission.refused(
                        Excerpt.of(name) + " is a presence channel and subscription must include channel_data")
                : members.admit(new Member(user.id(), user.info(), 0));
    }
}
