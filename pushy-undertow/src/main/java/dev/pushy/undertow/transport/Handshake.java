package dev.pushy.undertow.transport;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The opening handshake of RFC 6455 section 4.2: what a request must have, and what answers it. */
final class Handshake {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;
    private static final String DEFLATE = "permessage-deflate";
    /** One form for all, so that one compressed frame serves all. */
    private static final String DEFLATE_ANSWER = DEFLATE + "; server_no_context_takeover; client_no_context_takeover";

    private Handshake() {}

    /** Why a request is no handshake. */
    record Refusal(int status, String code, String title, String detail) {}

    /** Returns why this is no handshake, or null; sets the headers that a refusal needs. */
    static @Nullable Refusal check(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        if (!exchange.getRequestMethod().equals(Methods.GET)) {
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET");
            return new Refusal(
                    405,
                    "method_not_allowed",
                    "Method Not Allowed",
                    "A WebSocket is opened with GET, not " + exchange.getRequestMethod() + ".");
        }
        if (!exchange.isHttp11()
                || !has(headers, Headers.UPGRADE, "websocket")
                || !has(headers, Headers.CONNECTION, "upgrade")) {
            upgradeRequired(exchange);
            return new Refusal(
                    426,
                    "upgrade_required",
                    "Upgrade Required",
                    "This path speaks WebSocket: it needs HTTP/1.1 with 'Upgrade: websocket' and 'Connection: Upgrade'."
                            + " A proxy between must pass both on.");
        }
        String version = headers.getFirst(Headers.SEC_WEB_SOCKET_VERSION);
        if (!VERSION.equals(version)) {
            upgradeRequired(exchange);
            return new Refusal(
                    426,
                    "upgrade_required",
                    "Upgrade Required",
                    "Sec-WebSocket-Version is " + (version == null ? "missing" : "not supported") + ", it must be 13.");
        }
        HeaderValues keys = headers.get(Headers.SEC_WEB_SOCKET_KEY);
        if (keys == null || keys.size() != 1 || !isKey(keys.getFirst())) {
            return new Refusal(
                    400,
                    "invalid_handshake",
                    "Bad Request",
                    "Sec-WebSocket-Key must be given once, as base64 of 16 bytes.");
        }
        return null;
    }

    private static void upgradeRequired(HttpServerExchange exchange) {
        exchange.getResponseHeaders()
                .put(Headers.UPGRADE, "websocket")
                .put(Headers.CONNECTION, "Upgrade")
                .put(Headers.SEC_WEB_SOCKET_VERSION, VERSION);
    }

    private static boolean has(HeaderMap headers, HttpString name, String word) {
        return words(headers, name).stream().anyMatch(word::equalsIgnoreCase);
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns the comma-separated words of a header that may be given several times. */
    static List<String> words(HeaderMap headers, HttpString name) {
        HeaderValues values = headers.get(name);
        if (values == null) {
            return List.of();
        }
        List<String> words = new ArrayList<>();
        for (String value : values) {
            for (String word : value.split(",", -1)) {
                if (!word.isBlank()) {
                    words.add(word.strip());
                }
            }
        }
        return words;
    }

    /** Returns the value of Sec-WebSocket-Accept. */
    static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /** Returns the answer to the offered extensions, or null if none can be agreed on (RFC 7692 section 7.1). */
    static @Nullable String extension(List<String> offers) {
        for (String offer : offers) {
            if (acceptable(offer)) {
                return DEFLATE_ANSWER;
            }
        }
        return null;
    }

    private static boolean acceptable(String offer) {
        String[] parts = offer.split(";", -1);
        if (!parts[0].strip().equalsIgnoreCase(DEFLATE)) {
            return false;
        }
        Set<String> seen = new HashSet<>();
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].strip().split("=", 2);
            String name = pair[0].strip().toLowerCase(Locale.ROOT);
            String value = pair.length == 1 ? null : pair[1].strip().replace("\"", "");
            if (!seen.add(name) || !known(name, value)) {
                return false;
            }
        }
        return true;
    }

    private static boolean known(String name, @Nullable String value) {
        return switch (name) {
            case "server_no_context_takeover", "client_no_context_takeover" -> value == null;
            case "client_max_window_bits" -> value == null || value.matches("8|9|1[0-5]");
            // Our windows have 15 bits, whatever is asked for.
            case "server_max_window_bits" -> "15".equals(value);
            default -> false;
        };
    }
}
