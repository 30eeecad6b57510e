package dev.pushy.undertow.transport.sockjs;

import java.nio.charset.StandardCharsets;

/** {@code eventsource}: frames as Server-Sent Events. */
final class EventSource implements Transport {
    /** Opera would miss the first event without it. */
    private static final byte[] PRELUDE = "\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final Envelope EVENT = Envelope.encoded("data: ", "\r\n\r\n");

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public boolean isCrossOrigin() {
        return true;
    }

    @Override
    public void handle(Call call) {
        Receiving.begin(call, "text/event-stream", EVENT, call.streamLimit(), PRELUDE);
    }
}
