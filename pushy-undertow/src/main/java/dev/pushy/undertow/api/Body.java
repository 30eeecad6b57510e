package dev.pushy.undertow.api;

import dev.pushy.undertow.http.RequestBody;
import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The body of one call, and what is answered where it will not do.
 *
 * @param limit the most bytes that it may have
 * @param then goes on with all of them
 */
record Body(Call call, int limit, Consumer<byte[]> then) implements RequestBody.Reader {

    /** Reads it, or fails the call. */
    void read() {
        requireIdentity(call.exchange());
        RequestBody.read(call.exchange(), limit, call.settings().bodyTimeout(), this);
    }

    @Override
    public void onBody(byte[] body) {
        call.step(() -> then.accept(body));
    }

    @Override
    public void onTooLarge(String size) {
        call.fail(new RequestException(
                Fault.TOO_LARGE, "the body has " + size + ", the limit here is " + limit + ": send less at once"));
    }

    @Override
    public void onLate() {
        call.fail(new RequestException(
                Fault.TIMEOUT,
                "the body did not come within " + call.settings().bodyTimeout().toMillis()
                        + " ms: send it faster, or less of it"));
    }

    /** Checks that the body is said to be JSON. */
    static void requireJson(HttpServerExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        String charset = type == null ? null : Headers.extractQuotedValueFromHeader(type, "charset");
        boolean utf8 = charset == null || charset.equalsIgnoreCase("utf-8");
        if (!utf8 || !(media.equals("application/json") || media.endsWith("+json"))) {
            throw new RequestException(
                    Fault.UNSUPPORTED_MEDIA_TYPE,
                    "the body is said to be \"" + Excerpt.of(type == null ? "nothing" : type)
                            + "\": send JSON in UTF-8 with Content-Type: application/json");
        }
    }

    private static void requireIdentity(HttpServerExchange exchange) {
        String encoding = exchange.getRequestHeaders().getFirst(Headers.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new RequestException(
                    Fault.UNSUPPORTED_MEDIA_TYPE,
                    "the body is encoded as \"" + Excerpt.of(encoding) + "\": send it as it is");
        }
    }
}
