package dev.pushy.undertow.transport;

import dev.pushy.undertow.protocol.ClientRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.Cookie;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a {@link ClientRequest} from an exchange. */
final class HandshakeRequest {
    private static final String TOKEN_PROTOCOL = "bearer.";
    private static final String TOKEN_COOKIE = "pushy_token";
    private static final HttpString LAST_EVENT_ID = new HttpString("Last-Event-ID");

    private HandshakeRequest() {}

    /**
     * Reads the request.
     *
     * @param protocols the subprotocols that the client offers
     * @throws IllegalArgumentException if path or query are not percent-encoded UTF-8
     */
    static ClientRequest of(HttpServerExchange exchange, List<String> protocols) {
        return new ClientRequest(
                path(exchange),
                query(exchange.getQueryString()),
                exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION),
                exchange.getRequestHeaders().getFirst(Headers.ORIGIN),
                cookieToken(exchange),
                protocolToken(protocols),
                exchange.getRequestHeaders().getFirst(LAST_EVENT_ID),
                exchange.isSecure(),
                exchange.getRequestHeaders().getFirst(Headers.HOST));
    }

    /** The raw target, because Undertow cuts off what follows a semicolon. */
    private static String path(HttpServerExchange exchange) {
        String target = exchange.getRequestURI();
        int scheme = exchange.isHostIncludedInRequestURI() ? target.indexOf("://") : -1;
        if (scheme >= 0) {
            int slash = target.indexOf('/', scheme + 3);
            target = slash < 0 ? "/" : target.substring(slash);
        }
        return decode(target.replace("+", "%2B"));
    }

    static Map<String, List<String>> query(String query) {
        if (query.isEmpty()) {
            return Map.of();
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            if (!pair.isEmpty()) {
                values.computeIfAbsent(decode(name), key -> new ArrayList<>(1)).add(decode(value));
            }
        }
        return values;
    }

    private static String decode(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static @Nullable String cookieToken(HttpServerExchange exchange) {
        if (!exchange.getRequestHeaders().contains(Headers.COOKIE)) {
            return null;
        }
        Cookie cookie = exchange.getRequestCookie(TOKEN_COOKIE);
        return cookie == null ? null : cookie.getValue();
    }

    private static @Nullable String protocolToken(List<String> protocols) {
        for (String protocol : protocols) {
            if (protocol.startsWith(TOKEN_PROTOCOL)) {
                return protocol.substring(TOKEN_PROTOCOL.length());
            }
        }
        return null;
    }
}
