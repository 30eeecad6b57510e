package dev.pushy.undertow.api;

import dev.pushy.core.EventLoop;
import dev.pushy.core.Pushy;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.PollSession;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.protocol.StreamRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

/** The requests that wait for messages. */
final class StreamEndpoints {
    private static final long DEFAULT_WAIT_SECONDS = 25;
    private static final long MAX_WAIT_SECONDS = 60;

    private StreamEndpoints() {}

    /** {@code GET /channels/stream}. */
    static void stream(Call call) {
        if (wantsEvents(call.exchange())) {
            call.toEventSource();
        }
        requireServing(call);
        call.withGrant(grant -> {
            ClientRequest request = ClientRequests.of(call.exchange(), call.target());
            StreamRequest stream = StreamRequest.read(call.settings().pushy(), request, grant, true);
            requireServing(call);
            call.settings().transports().openStream(call.exchange(), grant, stream);
        });
    }

    /** {@code GET /channels/ws}. A WebSocket is opened first and refused then: browsers hide the errors of an upgrade. */
    static void webSocket(Call call) {
        call.settings().transports().openWebSocket(call.exchange(), ClientRequests.of(call.exchange(), call.target()));
    }

    /** {@code GET /channels/poll}. */
    static void poll(Call call) {
        requireServing(call);
        Long asked = ChannelEndpoints.number(call, "wait");
        long wait = asked == null ? DEFAULT_WAIT_SECONDS : asked;
        if (wait < 0 || wait > MAX_WAIT_SECONDS) {
            throw new RequestException(
                    Fault.INVALID_REQUEST, "\"wait\" is " + wait + " seconds, it must be 0 to " + MAX_WAIT_SECONDS);
        }
        call.withGrant(grant -> {
            ClientRequest request = ClientRequests.of(call.exchange(), call.target());
            Pushy pushy = call.settings().pushy();
            StreamRequest stream = StreamRequest.read(pushy, request, grant, true);
            HttpServerExchange exchange = call.exchange();
            EventLoop loop = call.settings().transports().loop(exchange.getIoThread());
            PollSession session = PollSession.open(pushy, loop, grant, stream, wait * 1_000, new PollSession.Done() {
                @Override
                public void answer(byte[] json) {
                    call.answer(200, json);
                }

                @Override
                public void refuse(Fault fault, String detail) {
                    call.fail(fault, detail);
                }
            });
            exchange.addExchangeCompleteListener((completed, next) -> {
                loop.execute(session::gone);
                next.proceed();
            });
        });
    }

    private static void requireServing(Call call) {
        if (call.settings().sessions().draining().getAsBoolean()) {
            throw new RequestException(
                    Fault.DRAINING, "the server is stopping: connect again, and another one will answer");
        }
    }

    /** Whether this is a browser's EventSource, or something that behaves like one. */
    private static boolean wantsEvents(HttpServerExchange exchange) {
        String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
        return accept != null && accept.contains("text/event-stream");
    }
}
