package dev.pushy.undertow.transport.sockjs;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the transports have in common by which clients receive. */
final class Receiving {
    static final String JAVASCRIPT = "application/javascript; charset=UTF-8";
    /** Ends a response with its first frame. */
    static final int POLL = 1;

    static final byte[] NO_PRELUDE = {};
    /** A receive request has nothing to say; a short body is read and thrown away. */
    private static final int MAX_BODY = 64 * 1024;
    /** What a page may name as its function: the name is written into a script. */
    private static final Pattern CALLBACK = Pattern.compile("[a-zA-Z0-9_.\\-]{1,64}");

    private Receiving() {}

    /** Attaches the request to its session, or to a new one. */
    static void begin(Call call, String contentType, Envelope envelope, int limit, byte[] prelude) {
        Answer answer = new Answer(contentType, envelope, limit, prelude);
        call.readBody(MAX_BODY, body -> {
            SockJsSession session = call.session();
            if (session != null) {
                answer.attach(call, session);
            } else {
                call.endpoint().forwarding().route(call, true, body, () -> open(call, answer));
            }
        });
    }

    private static void open(Call call, Answer answer) {
        SockJsSession session = call.endpoint().findOrOpen(call);
        if (session == null) {
            Replies.busy(call.exchange(), "sessions");
        } else {
            answer.attach(call, session);
        }
    }

    /** What the answer to a receive request is to be like. */
    private static final class Answer {
        private final String contentType;
        private final Envelope envelope;
        private final int limit;
        private final byte[] prelude;

        Answer(String contentType, Envelope envelope, int limit, byte[] prelude) {
            this.contentType = contentType;
            this.envelope = envelope;
            this.limit = limit;
            this.prelude = prelude;
        }

        void attach(Call call, SockJsSession session) {
            HttpServerExchange exchange = call.exchange();
            exchange.setStatusCode(200).getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
            Receiver receiver = new Receiver(exchange, session, envelope, limit);
            receiver.begin(prelude);
            if (session.loop().inEventLoop()) {
                session.attach(receiver);
            } else {
                session.loop().execute(() -> session.attach(receiver));
            }
        }
    }

    /** The function that the page wants to be called, or null if the request was refused. */
    static @Nullable String callback(Call call) {
        String name = call.query("c");
        if (name == null) {
            name = call.query("callback");
        }
        if (name == null) {
            Replies.text(call.exchange(), 500, "\"callback\" parameter required");
            return null;
        }
        if (!CALLBACK.matcher(name).matches()) {
            Replies.text(call.exchange(), 500, "invalid \"callback\" parameter");
            return null;
        }
        return name;
    }
}
