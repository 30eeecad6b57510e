package dev.pushy.undertow.pusher;

import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.protocol.UrlText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request to the Pusher REST API as its signature sees it. Every failure is a {@link Fault#UNAUTHORIZED}, with the words
 * of the original service where they are known. Immutable.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/library_auth_reference/rest-api/#authentication">authentication</a>,
 * and the gem {@code pusher-signature}. A signature covers what was meant, not how it was encoded, and libraries and proxies
 * encode differently: so it is good if it is that of any of the few texts that the request can stand for.
 */
public final class SignedRequest {
    private static final long GRACE_SECONDS = 600;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");
    private static final String SIGNATURE = "auth_signature";
    private static final String BODY = "body_md5";
    private static final int SHOWN = 2_000;

    private final String method;
    private final Set<String> paths;
    private final List<RequestQuery> readings;

    /**
     * A request.
     *
     * @param method in upper case
     * @param path as the client wrote it, without the query
     * @param mounted how many characters of it lead to where the API is mounted: a proxy may have added them
     * @param query as the client wrote it, or null
     */
    public SignedRequest(String method, String path, int mounted, @Nullable String query) {
        this.method = method;
        this.paths = paths(path, mounted);
        this.readings = RequestQuery.readings(query);
    }

    private static Set<String> paths(String path, int mounted) {
        Set<String> paths = new LinkedHashSet<>();
        paths.add(path);
        paths.add(UrlText.decode(path, false));
        String mountless = path.substring(mounted);
        paths.add(mountless);
        paths.add(UrlText.decode(mountless, false));
        return paths;
    }

    /** The key that it is signed with. */
    public String key() {
        return required("auth_key");
    }

    /**
     * Checks everything but the body, which need not be read for a caller whom nobody knows.
     *
     * @return the query in the reading that was signed
     */
    public RequestQuery requireSigned(PusherApp app, Instant now) {
        AppKey key = app.key(key()).orElseThrow(SignedRequest::unknownKey);
        if (!required("auth_version").equals("1.0")) {
            throw unauthorized("Version not supported: auth_version must be 1.0");
        }
        requireTime(required("auth_timestamp"), now);
        String signature = required(SIGNATURE);
        for (RequestQuery reading : readings) {
            for (String text : texts(reading)) {
                if (PusherAuth.matches(key, text, signature)) {
                    return reading;
                }
            }
        }
        throw unauthorized("Invalid signature: you should have sent HmacSHA256Hex("
                + shown(texts(readings.get(0)).iterator().next()) + ", your_secret_key), but you sent "
                + shown(signature));
    }

    private Set<String> texts(RequestQuery reading) {
        Set<String> texts = new LinkedHashSet<>();
        for (String path : paths) {
            for (String query : reading.signable(SIGNATURE)) {
                texts.add(method + "\n" + path + "\n" + query);
            }
        }
        return texts;
    }

    /** Checks that the body is the one that was signed. */
    public void requireBody(byte[] body) {
        String claimed = readings.get(0).first(BODY);
        if (claimed == null && body.length == 0) {
            return;
        }
        // Some libraries send it for no body, too.
        String digest = md5(body);
        byte[] sent = required(BODY).getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(digest.getBytes(StandardCharsets.US_ASCII), sent)) {
            throw unauthorized("Invalid body_md5: the MD5 of the body that came is " + digest
                    + ": sign the bytes that you send, and send them unchanged");
        }
    }

    private String required(String name) {
        String value = readings.get(0).first(name);
        if (value == null) {
            throw unauthorized("Missing parameter: " + name);
        }
        return value;
    }

    private static void requireTime(String text, Instant now) {
        if (!SECONDS.matcher(text).matches()) {
            throw unauthorized(
                    "Invalid auth_timestamp: it is \"" + Excerpt.of(text) + "\" and must be the seconds since 1970");
        }
        Instant given = Instant.ofEpochSecond(Long.parseLong(text));
        Instant server = Instant.ofEpochSecond(now.getEpochSecond());
        if (Duration.between(given, server).abs().toSeconds() >= GRACE_SECONDS) {
            throw unauthorized("Timestamp expired: Given timestamp (" + given + ") not within " + GRACE_SECONDS
                    + "s of server time (" + server + ")");
        }
    }

    /** That nobody has this key, or not the app that was named. */
    public static RequestException unknownKey() {
        return unauthorized("Unknown auth_key");
    }

    private static RequestException unauthorized(String detail) {
        return new RequestException(Fault.UNAUTHORIZED, detail);
    }

    /** In quotes, on one line, as programs write it. */
    private static String shown(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length() && i < SHOWN; i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                out.append("\\n");
            } else {
                out.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
            }
        }
        return out.append(text.length() > SHOWN ? "..." : "").append('"').toString();
    }

    private static String md5(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }

    /** Method and path; the query holds the signature. */
    @Override
    public String toString() {
        return method + " " + paths.iterator().next();
    }
}
