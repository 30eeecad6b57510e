package dev.pushy.undertow.transport.sockjs;

/** {@code xhr}: one frame, then the client asks again. */
final class XhrPolling implements Transport {

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
        Receiving.begin(call, Receiving.JAVASCRIPT, XhrStreaming.LINE, Receiving.POLL, Receiving.NO_PRELUDE);
    }
}
