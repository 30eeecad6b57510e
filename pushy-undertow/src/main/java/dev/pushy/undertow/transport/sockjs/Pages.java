package dev.pushy.undertow.transport.sockjs;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/** What an endpoint says about itself: a greeting, the facts that clients ask for first, and the page for iframes. */
final class Pages {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String IFRAME = """
            <!DOCTYPE html>
            <html>
            <head>
              <meta http-equiv="X-UA-Compatible" content="IE=edge" />
              <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
              <script src="%s"></script>
              <script>
                document.domain = document.domain;
                SockJS.bootstrap_iframe();
              </script>
            </head>
            <body>
              <h2>Don't panic!</h2>
              <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>
            </body>
            </html>""";

    private final SockJsOptions options;
    private final String iframe;
    private final String iframeTag;

    Pages(SockJsOptions options) {
        this.options = options;
        this.iframe = IFRAME.formatted(escape(options.clientScript()));
        this.iframeTag = '"' + digest(iframe) + '"';
    }

    private static String escape(String attribute) {
        return attribute.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    void greet(HttpServerExchange exchange) {
        Replies.text(exchange, 200, "Welcome to SockJS!\n");
    }

    /** The entropy feeds the random numbers of browsers that have no source of their own. */
    void info(HttpServerExchange exchange) {
        Replies.uncached(exchange);
        Replies.content(
                exchange,
                200,
                "application/json; charset=UTF-8",
                "{\"websocket\":" + options.webSocket() + ",\"origins\":[\"*:*\"],\"cookie_needed\":" + options.cookie()
                        + ",\"entropy\":" + Integer.toUnsignedString(RANDOM.nextInt()) + "}");
    }

    void iframe(HttpServerExchange exchange) {
        CrossOrigin.cached(exchange);
        exchange.getResponseHeaders().put(Headers.ETAG, iframeTag);
        if (iframeTag.equals(exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH))) {
            Replies.empty(exchange, 304);
        } else {
            Replies.content(exchange, 200, "text/html; charset=UTF-8", iframe);
        }
    }
}
