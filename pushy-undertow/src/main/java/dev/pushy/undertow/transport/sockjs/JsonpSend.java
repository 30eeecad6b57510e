package dev.pushy.undertow.transport.sockjs;

import io.undertow.util.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code jsonp_send}: messages as an array of JSON, in the field {@code d} of a form or as the body itself. */
final class JsonpSend implements Transport {

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public boolean isCrossOrigin() {
        return false;
    }

    @Override
    public void handle(Call call) {
        call.readBody(call.endpoint().bodyBytes(), body -> {
            String text = Sending.text(call.exchange(), body);
            if (text != null) {
                // An empty answer would confuse Konqueror.
                Sending.deliver(
                        call, isForm(call) ? field(text) : text, body, exchange -> Replies.text(exchange, 200, "ok"));
            }
        });
    }

    private static boolean isForm(Call call) {
        String type = call.exchange().getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        return type != null && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
    }

    /** The field, or null; what is not well encoded is no JSON. */
    private static @Nullable String field(String form) {
        for (String pair : form.split("&", -1)) {
            if (pair.startsWith("d=")) {
                try {
                    return URLDecoder.decode(pair.substring(2), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    return "%";
                }
            }
        }
        return null;
    }
}
