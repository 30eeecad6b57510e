package dev.pushy.undertow.transport.sockjs;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /** By which pages of pusher-js say where their own client library came from. */
    private static final String SCRIPT = "js_path";

    private final SockJsOptions options;

    Pages(SockJsOptions options) {
        this.options = options;
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

    /**
     * The entropy feeds the random numbers of browsers that have no source of their own. With the interval the SockJS that
     * pusher-js loads expects a sign of life, and connects anew where none comes for twice as long: over some transports,
     * such as htmlfile, a browser does not tell it when the server is gone, and pusher-js itself leaves all that to SockJS.
     * Other clients do not look at it.
     */
    void info(HttpServerExchange exchange) {
        Replies.uncached(exchange);
        Replies.content(
                exchange,
                200,
                "application/json; charset=UTF-8",
                "{\"websocket\":" + options.webSocket() + ",\"origins\":[\"*:*\"],\"cookie_needed\":" + options.cookie()
                        + ",\"entropy\":" + Integer.toUnsignedString(RANDOM.nextInt())
                        + ",\"server_heartbeat_interval\":"
                        + options.heartbeat().toMillis() + "}");
    }

    /** Answers who asks for a script that this endpoint does not know with 400: a page with another one would be of no use. */
    void iframe(HttpServerExchange exchange) {
        Optional<String> script = script(exchange.getQueryParameters().get(SCRIPT));
        if (script.isEmpty()) {
            Replies.text(exchange, 400, SCRIPT + " must be given once, and name a script that this server allows.\n");
            return;
        }
        String page = IFRAME.formatted(escape(script.get()));
        String tag = '"' + digest(page) + '"';
        CrossOrigin.cached(exchange);
        exchange.getResponseHeaders().put(Headers.ETAG, tag);
        if (tag.equals(exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH))) {
            Replies.empty(exchange, 304);
        } else {
            Replies.content(exchange, 200, "text/html; charset=UTF-8", page);
        }
    }

    private Optional<String> script(@Nullable Deque<String> asked) {
        ClientScript known = options.clientScript();
        if (asked == null) {
            return Optional.of(known.url());
        }
        return asked.size() == 1 ? known.asked(asked.getFirst()) : Optional.empty();
    }
}
