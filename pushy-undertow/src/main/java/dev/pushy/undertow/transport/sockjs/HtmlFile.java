package dev.pushy.undertow.transport.sockjs;

import java.nio.charset.StandardCharsets;

/** {@code htmlfile}: frames as scripts of a page that never ends loading, for old Internet Explorers. */
final class HtmlFile implements Transport {
    /** The browser shows scripts only when it has read so much. */
    private static final int LEAST_PRELUDE = 1_024;

    private static final String PAGE = """
            <!doctype html>
            <html><head>
              <meta http-equiv="X-UA-Compatible" content="IE=edge" />
              <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
            </head><body><h2>Don't panic!</h2>
              <script>
                document.domain = document.domain;
                var c = parent.%s;
                c.start();
                function p(d) {c.message(d);};
                window.onload = function() {c.stop();};
              </script>""";
    private static final Envelope SCRIPT = Envelope.literal("<script>\np(\"", "\");\n</script>\r\n");

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
            Receiving.begin(call, "text/html; charset=UTF-8", SCRIPT, call.streamLimit(), prelude(callback));
        }
    }

    private static byte[] prelude(String callback) {
        String page = PAGE.formatted(callback);
        String padding = " ".repeat(Math.max(0, LEAST_PRELUDE - page.length()));
        return (page + padding + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }
}
