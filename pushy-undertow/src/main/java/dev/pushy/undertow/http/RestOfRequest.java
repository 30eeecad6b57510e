package dev.pushy.undertow.http;

import io.undertow.server.HttpServerExchange;
import java.util.concurrent.TimeUnit;
import org.xnio.IoUtils;

/** What a client has still to send of a request that is answered already. */
public final class RestOfRequest {
    private static final long PATIENCE_MILLIS = 3_000;

    private RestOfRequest() {}

    /**
     * Undertow reads a body to its end before it lets go of a request that was answered already. Who does not send the rest
     * soon loses the connection; over HTTP/2, where other requests share it, the request is reset. On the IO thread of the
     * exchange.
     */
    public static void limit(HttpServerExchange exchange) {
        if (exchange.isRequestComplete()) {
            return;
        }
        exchange.getIoThread()
                .executeAfter(
                        () -> {
                            if (!exchange.isComplete()) {
                                IoUtils.safeClose(exchange.getConnection()); // of HTTP/2 it is the stream
                            }
                        },
                        PATIENCE_MILLIS,
                        TimeUnit.MILLISECONDS);
    }
}
