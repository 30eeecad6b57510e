package dev.pushy.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs each request once it is answered: method, path without query, status, bytes of the answer, milliseconds. Nothing
 * else: no header and no query ever, since tokens and secrets travel there. Streams and WebSockets are logged when they
 * are opened, with the status of the opening.
 */
final class AccessLog implements HttpHandler {
    /** The logger that the lines go to. */
    static final String LOGGER = "dev.pushy.access";

    private static final int LONGEST_PATH = 512;
    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    private final HttpHandler next;

    AccessLog(HttpHandler next) {
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (LOG.isInfoEnabled()) {
            long begin = System.nanoTime();
            exchange.addExchangeCompleteListener((done, listeners) -> {
                log(done, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
                listeners.proceed();
            });
        }
        next.handleRequest(exchange);
    }

    private static void log(HttpServerExchange exchange, long millis) {
        String method = exchange.getRequestMethod().toString();
        String path = path(exchange);
        int status = status(exchange);
        long bytes = exchange.getResponseBytesSent();
        LOG.atInfo()
                .addKeyValue("method", method)
                .addKeyValue("path", path)
                .addKeyValue("status", status)
                .addKeyValue("bytes", bytes)
                .addKeyValue("ms", millis)
                .log("{} {} {} {} bytes {} ms", method, path, status, bytes, millis);
    }

    /** A stream is taken over like an upgraded connection, which leaves 101 in the exchange; its client was told 200. */
    private static int status(HttpServerExchange exchange) {
        boolean stream = exchange.getStatusCode() == StatusCodes.SWITCHING_PROTOCOLS
                && !exchange.getResponseHeaders().contains(Headers.SEC_WEB_SOCKET_ACCEPT);
        return stream ? StatusCodes.OK : exchange.getStatusCode();
    }

    /** The path as it was sent, still percent-encoded, so that it holds no line end; a long one is cut. */
    private static String path(HttpServerExchange exchange) {
        String uri = exchange.getRequestURI();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        return path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH) + "...";
    }
}
