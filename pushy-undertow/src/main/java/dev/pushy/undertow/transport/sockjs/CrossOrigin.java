package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.protocol.ClientRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * What browsers are told about pages of other origins. SockJS clients send credentials, which must be allowed for the origin
 * by its name although nothing here looks at them; pusher-js sends none.
 */
final class CrossOrigin {
    private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
    private static final HttpString ALLOW_CREDENTIALS = new HttpString("Access-Control-Allow-Credentials");
    private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
    private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
    private static final HttpString REQUEST_HEADERS = new HttpString("Access-Control-Request-Headers");
    private static final HttpString MAX_AGE = new HttpString("Access-Control-Max-Age");
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final long YEAR_SECONDS = 365 * 24 * 3_600;

    private final SockJsOptions options;

    CrossOrigin(SockJsOptions options) {
        this.options = options;
    }

    /** Tells whether the page may read the answer. */
    void allow(HttpServerExchange exchange, ClientRequest request) {
        String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(Headers.VARY, "Origin");
        if (origin == null) {
            headers.put(ALLOW_ORIGIN, "*");
        } else if (options.origins().allows(request, origin)) {
            headers.put(ALLOW_ORIGIN, options.takeover() ? "*" : origin);
            if (!options.takeover()) {
                headers.put(ALLOW_CREDENTIALS, "true");
            }
        } else {
            return;
        }
        String asked = exchange.getRequestHeaders().getFirst(REQUEST_HEADERS);
        if (asked != null && !asked.isBlank()) {
            headers.put(ALLOW_HEADERS, options.takeover() ? "Content-Type" : asked);
        }
    }

    /** Answers the question before a request, for as long as browsers remember. */
    void preflight(HttpServerExchange exchange, ClientRequest request, String method) {
        allow(exchange, request);
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(ALLOW_METHODS, "OPTIONS, " + method);
        headers.put(MAX_AGE, Long.toString(YEAR_SECONDS));
        cached(exchange);
        Replies.empty(exchange, 204);
    }

    /** Anybody may keep the answer for a year. */
    static void cached(HttpServerExchange exchange) {
        exchange.getResponseHeaders()
                .put(Headers.CACHE_CONTROL, "public, max-age=" + YEAR_SECONDS)
                .put(Headers.EXPIRES, HTTP_DATE.format(Instant.now().plusSeconds(YEAR_SECONDS)));
    }
}
