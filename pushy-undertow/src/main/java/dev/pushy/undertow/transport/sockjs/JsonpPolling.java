package dev.pushy.undertow.transport.sockjs;

import io.undertow.util.HttpString;

/** {@code jsonp}: one frame as a script that calls a function of the page, then the page asks again. */
final class JsonpPolling implements Transport {
    private static final HttpString CONTENT_TYPE_OPTIONS = new HttpString("X-Content-Type-Options");

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public boolean isCrossOrigin() {
        return false;
    }

    @Override
    public void handle(Call call) {
        String callback = Receiving.callback(call);
        if (callback != null) {
            call.exchange().getResponseHeaders().put(CONTENT_TYPE_OPTIONS, "nosniff");
            // The comment keeps the name, which the page chose, from being the first bytes of what a plug-in might run.
            Envelope script = Envelope.literal("/**/" + callback + "(\"", "\");\r\n");
            Receiving.begin(call, Receiving.JAVASCRIPT, script, Receiving.POLL, Receiving.NO_PRELUDE);
        }
    }
}
