package dev.pushy.undertow.transport.sockjs;

/** {@code xhr_send}: messages as an array of JSON, whatever the type of the body is said to be. */
final class XhrSend implements Transport {

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
        call.readBody(call.endpoint().bodyBytes(), body -> {
            String json = Sending.text(call.exchange(), body);
            if (json != null) {
                Sending.deliver(call, json, body, Replies::accepted);
            }
        });
    }
}
