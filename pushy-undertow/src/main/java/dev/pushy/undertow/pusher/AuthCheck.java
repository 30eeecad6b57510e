package dev.pushy.undertow.pusher;

import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.RawJson;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what a client brings from its app to prove that it may do something: {@code KEY:SIGNATURE}. The words for a
 * subscription are those of the hosted service.
 *
 * @param action what it proves, as in "subscribe to x"
 * @param purpose the same as a noun, as in "subscription to x"
 * @param kind the same without the channel
 */
record AuthCheck(String action, String purpose, String kind) {
    /** As much of what was sent as is needed to see what differs. */
    private static final int SHOWN = 1_000;

    static final AuthCheck SIGN_IN = new AuthCheck("sign in", "sign-in", "sign-in");

    static AuthCheck subscription(String channel) {
        String name = Excerpt.of(channel);
        return new AuthCheck("subscribe to " + name, "subscription to " + name, "subscription");
    }

    /**
     * What is wrong, or null.
     *
     * @param auth as it was sent
     * @param signed what the signature must be of
     */
    @Nullable
    String fault(PusherApp app, @Nullable RawJson auth, String signed) {
        String given = auth == null ? null : auth.text();
        if (given == null || given.isEmpty()) {
            return "Auth info required to " + action;
        }
        int colon = given.indexOf(':');
        if (colon <= 0 || colon == given.length() - 1) {
            return "Auth value for " + purpose + " is invalid: should be of format 'key:signature'";
        }
        String name = given.substring(0, colon);
        Optional<AppKey> key = app.key(name);
        if (key.isEmpty()) {
            return "Invalid key in " + kind + " auth data: '" + Excerpt.of(name) + "'";
        }
        String signature = given.substring(colon + 1);
        return PusherAuth.matches(key.get(), signed, signature)
                ? null
                : "Invalid signature: Expected HMAC SHA256 hex digest of " + shown(signed) + ", but got "
                        + shown(signature);
    }

    private static String shown(String text) {
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    }
}
