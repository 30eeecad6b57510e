package dev.pushy.undertow.pusher;

/**
 * Why a subscription was refused: an error without a channel, as the hosted service has it, and what names the channel, for
 * clients that know how to tell their page.
 *
 * @param error for everybody
 * @param type the kind of reason
 * @param status a number for programs
 */
record SubscriptionRefusal(PusherError error, String type, int status) {
    private static final int UNAUTHORIZED = 401;

    static SubscriptionRefusal auth(String message) {
        return new SubscriptionRefusal(PusherError.of(message), "AuthError", UNAUTHORIZED);
    }

    static SubscriptionRefusal limit(String message, int status) {
        return new SubscriptionRefusal(PusherError.of(message), "LimitReached", status);
    }
}
