package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.undertow.protocol.RawJson;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a connection one of a user: the user is online as long as it lives, and it can be ended by the user's name. Every
 * request is answered, since clients wait for that. Confined to the loop.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/using_channels/user-authentication/">user authentication</a>.
 */
final class SignIn {
    /** Who watches hears the id alone. */
    private static final String NOTHING = "null";

    private final PusherClient client;
    private @Nullable Watchlist watchlist;
    private @Nullable PusherUser user;

    SignIn(PusherClient client) {
        this.client = client;
    }

    /** Whom the connection is signed in as, or null. */
    @Nullable
    PusherUser user() {
        return user;
    }

    void signIn(PusherFrame frame) {
        if (!client.app().features().users()) {
            client.error(PusherError.of("Sign-in is switched off for this app: switch on its users"));
            return;
        }
        Map<String, RawJson> parameters = frame.parameters(client.depth());
        if (parameters == null) {
            client.error(PusherError.NO_HASH);
            return;
        }
        RawJson given = parameters.get("user_data");
        String userData = given == null ? null : given.text();
        if (userData == null) {
            client.error(PusherError.NO_USER_DATA);
            return;
        }
        String signed = PusherAuth.signIn(client.socketId(), userData);
        String fault = AuthCheck.SIGN_IN.fault(client.app(), parameters.get("auth"), signed);
        if (fault != null) {
            client.error(PusherError.of(fault));
            return;
        }
        int idLength = PusherChannels.userIdLength(client.app());
        PusherUser read = PusherUser.read(userData, idLength, client.depth());
        if (read == null) {
            client.error(PusherError.of("user_data must be a JSON object: id, a string of 1 to " + idLength
                    + " characters, and, if supplied, user_info, a hash, and watchlist, an array of strings"));
        } else if (user != null && !user.id().equals(read.id())) {
            client.error(PusherError.of("The connection is signed in as another user already"));
        } else {
            accept(read, userData);
        }
    }

    private void accept(PusherUser signedIn, String userData) {
        boolean first = user == null;
        user = signedIn;
        if (first) {
            client.authorized();
            client.subscriber().grant(client.grant(signedIn.id(), signedIn.info()));
            Channel online = PusherChannels.online(client.app(), signedIn.id());
            client.subscriber().join(online, new Member(signedIn.id(), NOTHING, 0));
        }
        client.send(PusherMessages.signedIn(userData));
        List<String> watched = signedIn.watchlist();
        int most = client.app().limits().watchlist();
        if (watched.size() > most) {
            watched = watched.subList(0, most);
            client.error(PusherError.watchlistTooLong(watched));
        }
        watch(watched);
    }

    private void watch(List<String> userIds) {
        if (watchlist == null) {
            if (userIds.isEmpty()) {
                return;
            }
            watchlist = new Watchlist(client);
        }
        watchlist.watch(userIds);
    }
}
