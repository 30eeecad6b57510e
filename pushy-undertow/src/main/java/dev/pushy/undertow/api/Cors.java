package dev.pushy.undertow.api;

import dev.pushy.undertow.http.RestOfRequest;
import dev.pushy.undertow.protocol.ClientAccess;
import dev.pushy.undertow.protocol.Origins;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.jspecify.annotations.Nullable;

/** What pages of other origins may do, told to their browsers. */
final class Cors {
    private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
    private static final HttpString ALLOW_CREDENTIALS = new HttpString("Access-Control-Allow-Credentials");
    private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
    private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
    private static final HttpString EXPOSE_HEADERS = new HttpString("Access-Control-Expose-Headers");
    private static final HttpString MAX_AGE = new HttpString("Access-Control-Max-Age");
    private static final HttpString REQUEST_METHOD = new HttpString("Access-Control-Request-Method");

    private final ClientAccess access;

    Cors(ClientAccess access) {
        this.access = access;
    }

    /** Whether this is a browser's question before a request of a page. */
    static boolean isPreflight(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        return headers.contains(Headers.ORIGIN) && headers.contains(REQUEST_METHOD);
    }

    /** Before the app is known: a page that may use some app may read answers, errors among them. */
    void begin(HttpServerExchange exchange) {
        String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
        exchange.getResponseHeaders().add(Headers.VARY, "Origin");
        if (origin != null && access.isKnownOrigin(origin)) {
            allow(exchange, origin, access.isNamedOrigin(origin));
        }
    }

    /** Once the app is known: its origins alone count. */
    void narrow(HttpServerExchange exchange, String app) {
        String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
        if (origin == null) {
            return;
        }
        Origins origins = access.origins(app);
        forbid(exchange);
        if (origins.allows(origin)) {
            allow(exchange, origin, origins.names(origin));
        }
    }

    private static void allow(HttpServerExchange exchange, @Nullable String origin, boolean named) {
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(ALLOW_ORIGIN, named ? origin : "*");
        headers.put(EXPOSE_HEADERS, "Retry-After, WWW-Authenticate");
        if (named) {
            headers.put(ALLOW_CREDENTIALS, "true");
        }
    }

    private static void forbid(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getResponseHeaders();
        headers.remove(ALLOW_ORIGIN);
        headers.remove(ALLOW_CREDENTIALS);
        headers.remove(EXPOSE_HEADERS);
    }

    /** Answers the browser's question, for what the path takes. */
    static void preflight(HttpServerExchange exchange, String methods) {
        HeaderMap headers = exchange.getResponseHeaders();
        if (headers.contains(ALLOW_ORIGIN)) {
            headers.put(ALLOW_METHODS, methods);
            headers.put(
                    ALLOW_HEADERS,
                    "Authorization, Content-Type, Last-Event-ID, Cache-Control, X-Client-ID, X-Client-Secret");
            headers.put(MAX_AGE, "600");
        }
        RestOfRequest.limit(exchange);
        exchange.setStatusCode(204).endExchange();
    }
}
