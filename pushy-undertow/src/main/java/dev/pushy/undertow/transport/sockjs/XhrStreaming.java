package dev.pushy.undertow.transport.sockjs;

import java.nio.charset.StandardCharsets;

/** {@code xhr_streaming}: frames by line, in a response that stays open. */
final class XhrStreaming implements Transport {
    /** Makes browsers that wait for some content look at all that follows at once. */
    private static final byte[] PRELUDE = ("h".repeat(2_048) + "\n").getBytes(StandardCharsets.US_ASCII);

    static final Envelope LINE = Envelope.plain("", "\n");

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public boolean isCrossOrigin() {
        return true;
    }

    @Override
    public void handle(Call call) {
        Receiving.begin(call, Receiving.JAVASCRIPT, LINE, call.streamLimit(), PRELUDE);
    }
}
