package dev.pushy.undertow;

import dev.pushy.undertow.NodeServer.Answer;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A backend that signs requests to the Pusher REST API by the book, with code of its own. */
final class PusherCaller {
    private final NodeServer server;
    private final String app;
    private final String key;
    private final String secret;

    PusherCaller(NodeServer server, String app, String key, String secret) {
        this.server = server;
        this.app = app;
        this.key = key;
        this.secret = secret;
    }

    Answer post(String path, String json) {
        return send("POST", "/apps/" + app + path, Map.of(), json, Instant.now());
    }

    /** Parameters as names and values by turns. */
    Answer get(String path, String... parameters) {
        return send("GET", "/apps/" + app + path, map(parameters), "", Instant.now());
    }

    static Map<String, String> map(String... parameters) {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            map.put(parameters[i], parameters[i + 1]);
        }
        return map;
    }

    Answer send(String method, String path, Map<String, String> parameters, String body, Instant now) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String query = query(method, path, parameters, bytes, now);
        // No Content-Type: that a body is JSON goes without saying.
        return server.send(HttpRequest.newBuilder(URI.create(server.url(path + "?" + query)))
                .method(
                        method,
                        bytes.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(bytes)));
    }

    /** The whole query, signed for the path as it is below the mount. */
    String query(String method, String path, Map<String, String> parameters, byte[] body, Instant now) {
        TreeMap<String, String> all = new TreeMap<>(parameters);
        all.put("auth_key", key);
        all.put("auth_timestamp", String.valueOf(now.getEpochSecond()));
        all.put("auth_version", "1.0");
        if (body.length > 0) {
            all.put("body_md5", md5(body));
        }
        StringBuilder plain = new StringBuilder();
        StringBuilder encoded = new StringBuilder();
        all.forEach((name, value) -> {
            plain.append(plain.isEmpty() ? "" : "&").append(name).append('=').append(value);
            encoded.append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                    .append('&');
        });
        return encoded + "auth_signature=" + sign(secret, method + "\n" + path + "\n" + plain);
    }

    static String sign(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String md5(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
