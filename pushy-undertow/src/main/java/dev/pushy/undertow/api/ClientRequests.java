package dev.pushy.undertow.api;

import dev.pushy.undertow.protocol.ClientRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.jspecify.annotations.Nullable;

/** Reads from an exchange what the protocols may know of it. */
final class ClientRequests {
    private static final HttpString LAST_EVENT_ID = new HttpString("Last-Event-ID");
    private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");
    private static final String TOKEN_COOKIE = "pushy_token=";
    private static final String TOKEN_PROTOCOL = "bearer.";

    private ClientRequests() {}

    static ClientRequest of(HttpServerExchange exchange, Target target) {
        HeaderMap headers = exchange.getRequestHeaders();
        return new ClientRequest(
                "/" + String.join("/", target.segments()),
                target.query(),
                headers.getFirst(Headers.AUTHORIZATION),
                origin(exchange),
                cookieToken(exchange),
                protocolToken(headers.get(Headers.SEC_WEB_SOCKET_PROTOCOL)),
                headers.getFirst(LAST_EVENT_ID),
                exchange.isSecure(),
                headers.getFirst(Headers.HOST));
    }

    /** The same without credentials of any kind. */
    static ClientRequest bare(HttpServerExchange exchange, Target target) {
        return new ClientRequest(
                "/" + String.join("/", target.segments()),
                target.query(),
                null,
                origin(exchange),
                null,
                null,
                null,
                exchange.isSecure(),
                exchange.getRequestHeaders().getFirst(Headers.HOST));
    }

    /** A browser leaves the origin out where a page reads from its own host, and then says so by another header. */
    static @Nullable String origin(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        String origin = headers.getFirst(Headers.ORIGIN);
        if (origin == null && "same-origin".equals(headers.getFirst(FETCH_SITE))) {
            return exchange.getRequestScheme() + "://" + headers.getFirst(Headers.HOST);
        }
        return origin;
    }

    /** Read by hand: cookies of others, however many and however odd, are no reason to refuse a request. */
    private static @Nullable String cookieToken(HttpServerExchange exchange) {
        HeaderValues lines = exchange.getRequestHeaders().get(Headers.COOKIE);
        if (lines == null) {
            return null;
        }
        for (String line : lines) {
            for (String cookie : line.split(";", -1)) {
                String pair = cookie.strip();
                if (pair.startsWith(TOKEN_COOKIE)) {
                    return pair.substring(TOKEN_COOKIE.length());
                }
            }
        }
        return null;
    }

    private static @Nullable String protocolToken(@Nullable HeaderValues offers) {
        if (offers == null) {
            return null;
        }
        for (String offer : offers) {
            for (String protocol : offer.split(",", -1)) {
                String name = protocol.strip();
                if (name.startsWith(TOKEN_PROTOCOL)) {
                    return name.substring(TOKEN_PROTOCOL.length());
                }
            }
        }
        return null;
    }
}
