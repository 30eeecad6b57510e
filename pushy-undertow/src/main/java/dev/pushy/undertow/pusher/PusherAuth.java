package dev.pushy.undertow.pusher;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signatures with the secret of an app: the lower-case hex digits of HMAC-SHA256 over a text in UTF-8. Thread-safe.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/library_auth_reference/auth-signatures/">auth signatures</a>.
 */
public final class PusherAuth {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String SIGN_IN = "::user::";

    private PusherAuth() {}

    /** The signature of a text. */
    public static String sign(AppKey key, String text) {
        return sign(key, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The signature of bytes. */
    public static String sign(AppKey key, byte[] bytes) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.secretBytes(), ALGORITHM));
            return HexFormat.of().formatHex(mac.doFinal(bytes));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /** Whether a signature is that of the text; takes as long for any wrong one. */
    public static boolean matches(AppKey key, String text, String signature) {
        return MessageDigest.isEqual(
                sign(key, text).getBytes(StandardCharsets.US_ASCII), signature.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What is signed for a subscription.
     *
     * @param socketId the connection that subscribes
     */
    static String subscription(String socketId, String channel) {
        return socketId + ":" + channel;
    }

    /**
     * What is signed for a subscription that says more.
     *
     * @param channelData as the client sent it, decoded, never written anew
     */
    static String subscription(String socketId, String channel, String channelData) {
        return socketId + ":" + channel + ":" + channelData;
    }

    /**
     * What is signed for a sign-in.
     *
     * @param userData as the client sent it, decoded, never written anew
     */
    static String signIn(String socketId, String userData) {
        return socketId + SIGN_IN + userData;
    }
}
