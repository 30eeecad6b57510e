package dev.pushy.server;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.DefaultExports;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** {@code /metrics}: everything the node counts, as Prometheus reads it. Counters are read when asked, on a worker. */
final class MetricsHandler implements HttpHandler {
    private static final String SCHEME = "bearer ";

    private final PushyCollector collector;
    private final byte @Nullable [] token;
    private @Nullable CollectorRegistry registry;

    MetricsHandler(PushyCollector collector, @Nullable Secret token) {
        this.collector = collector;
        this.token = token == null ? null : token.bytes();
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (exchange.isInIoThread()) {
            exchange.dispatch(this);
            return;
        }
        boolean get = exchange.getRequestMethod().equals(Methods.GET)
                || exchange.getRequestMethod().equals(Methods.HEAD);
        if (!get) {
            exchange.setStatusCode(StatusCodes.METHOD_NOT_ALLOWED);
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
        } else if (!mayRead(exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION))) {
            exchange.setStatusCode(StatusCodes.UNAUTHORIZED);
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer realm=\"metrics\"");
        } else {
            String type =
                    TextFormat.chooseContentType(exchange.getRequestHeaders().getFirst(Headers.ACCEPT));
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
            exchange.getResponseSender().send(text(type));
        }
    }

    /** Whether the header carries the token; takes the same time wherever it differs. */
    private boolean mayRead(@Nullable String authorization) {
        if (token == null) {
            return true;
        }
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        byte[] given = authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(given, token);
    }

    private String text(String type) throws IOException {
        StringWriter text = new StringWriter(8192);
        TextFormat.writeFormat(type, text, registry().metricFamilySamples());
        return text.toString();
    }

    /** Made at the first scrape: the JVM's collectors take a while to load, and a start should not wait for them. */
    private synchronized CollectorRegistry registry() {
        if (registry == null) {
            registry = new CollectorRegistry();
            DefaultExports.register(registry);
            registry.register(collector);
        }
        return registry;
    }
}
