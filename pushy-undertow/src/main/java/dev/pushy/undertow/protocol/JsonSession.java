package dev.pushy.undertow.protocol;

import dev.pushy.core.CloseReason;
import dev.pushy.core.EventLoop;
import dev.pushy.core.Grant;
import dev.pushy.core.PushyException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client of the native protocol of JSON texts. Confined to the loop of its connection.
 *
 * <p>Requests are understood in the order in which they came: while a token is checked on a worker, those behind it wait.
 * While some wait, or too many have no answer yet, nothing more is read from the client.
 */
final class JsonSession implements ClientSession {
    /** So many malformed texts in a row end the connection. */
    private static final int MAX_MALFORMED = 10;
    /** The object of a request around what it holds. */
    private static final int ENVELOPE_DEPTH = 1;

    private final JsonProtocol protocol;
    private final ClientSocket socket;
    /** Of those who ask for something: most only listen. */
    private @Nullable RequestPace pace;

    private @Nullable JsonClient client;
    private EventLoop.@Nullable Timer authTimer;
    private byte malformed;
    private boolean verifying;
    private boolean answeringAtLength;
    private boolean ended;

    JsonSession(JsonProtocol protocol, ClientSocket socket) {
        this.protocol = protocol;
        this.socket = socket;
    }

    void start() {
        if (protocol.settings().draining().getAsBoolean()) {
            end(CloseReason.DRAIN);
            return;
        }
        protocol.access()
                .find(socket.request())
                .ifPresentOrElse(token -> verify(token, socket.request(), null), this::awaitToken);
    }

    private void awaitToken() {
        long millis = protocol.settings().authTimeout().toMillis();
        authTimer = loop().schedule(
                        () -> refuse(
                                Fault.AUTH_TIMEOUT,
                                "no token came within " + millis
                                        + " ms: send {\"type\":\"auth\",\"token\":...} as the first text",
                                null,
                                CloseReason.AUTH_TIMEOUT),
                        millis);
    }

    ClientSocket socket() {
        return socket;
    }

    EventLoop loop() {
        return socket.connection().loop();
    }

    @Override
    public void onText(String text) {
        if (ended) {
            return;
        }
        if (!mustWait()) {
            understand(text);
        } else if (!pace().keep(text)) {
            refuse(Fault.RATE_LIMITED, "too many requests before the answers", null, CloseReason.RATE_LIMITED);
        }
    }

    /** While a token is checked, or a long answer is on its way: several at once would look like a slow consumer. */
    private boolean mustWait() {
        return verifying
                || answeringAtLength
                || socket.connection().backlog() > protocol.pushy().limits().backlogBytes() / 4;
    }

    private void understand(String text) {
        Map<String, RawJson> members;
        String type;
        try {
            members = RawJson.object(
                    text.getBytes(StandardCharsets.UTF_8),
                    protocol.pushy().limits().jsonDepth() + ENVELOPE_DEPTH);
            type = Fields.requiredText(members, "type", "what you ask for, such as \"subscribe\"");
        } catch (RequestException e) {
            malformed(e.fault(), Fault.detail(e));
            return;
        }
        malformed = 0;
        String ref = null;
        try {
            ref = JsonCommands.ref(members);
            run(type, members, ref);
        } catch (PushyException e) {
            error(Fault.of(e), Fault.detail(e), ref);
        }
    }

    private void malformed(Fault fault, String detail) {
        if (++malformed >= MAX_MALFORMED) {
            refuse(
                    Fault.INVALID_JSON,
                    MAX_MALFORMED + " texts in a row could not be understood; the last: " + detail,
                    null,
                    CloseReason.BAD_REQUEST);
        } else {
            error(fault, detail, null);
        }
    }

    private void run(String type, Map<String, RawJson> members, @Nullable String ref) {
        if (type.equals("ping")) {
            reply(JsonText.object().put("type", "pong"), ref);
        } else if (type.equals("auth")) {
            String token = Fields.requiredText(members, "token", "a JWT");
            verify(ClientAccess.presented(token), null, ref);
        } else if (client == null) {
            refuse(
                    Fault.UNAUTHORIZED,
                    "\"" + Excerpt.of(type) + "\" came before a token: send {\"type\":\"auth\",\"token\":...} first",
                    ref,
                    CloseReason.UNAUTHORIZED);
        } else {
            protocol.commands().run(this, client, type, members, ref);
        }
    }

    private void verify(ClientAccess.Presented token, @Nullable ClientRequest request, @Nullable String ref) {
        verifying = true;
        stopAuthTimer();
        TokenCheck.begin(protocol.access(), protocol.settings(), loop(), token, request, (grant, failure) -> {
            verifying = false;
            if (ended) {
                return;
            }
            if (grant == null) {
                unverified(failure, ref);
            } else if (client == null) {
                first(grant, ref);
            } else {
                client.renew(grant, ref);
            }
            goOn();
        });
    }

    private void stopAuthTimer() {
        if (authTimer != null) {
            authTimer.cancel();
            authTimer = null;
        }
    }

    private void unverified(@Nullable Throwable failure, @Nullable String ref) {
        Fault fault = Fault.of(failure);
        if (client != null) {
            error(fault, Fault.detail(failure), ref);
            return;
        }
        CloseReason reason = switch (fault) {
            case UNAUTHORIZED -> CloseReason.UNAUTHORIZED;
            case OVERLOADED -> CloseReason.RATE_LIMITED;
            default -> CloseReason.INTERNAL;
        };
        refuse(fault, Fault.detail(failure), ref, reason);
    }

    private void first(Grant grant, @Nullable String ref) {
        if (protocol.settings().draining().getAsBoolean()) {
            end(CloseReason.DRAIN);
            return;
        }
        try {
            StreamRequest request = StreamRequest.read(protocol.pushy(), socket.request(), grant, false);
            socket.forgetRequest();
            client = JsonClient.connect(protocol, this, grant);
            client.open(request);
        } catch (PushyException e) {
            boolean forbidden = Fault.of(e) == Fault.FORBIDDEN;
            refuse(Fault.of(e), Fault.detail(e), ref, forbidden ? CloseReason.FORBIDDEN : CloseReason.BAD_REQUEST);
        }
    }

    private void goOn() {
        while (!mustWait() && !ended) {
            String next = pace == null ? null : pace.next();
            if (next == null) {
                return;
            }
            understand(next);
        }
    }

    /** Answers on the loop when the stage completes; a failure becomes an error. */
    <T> void answer(CompletionStage<T> stage, @Nullable String ref, Function<T, JsonText> answer) {
        RequestPace asking = pace();
        asking.asked();
        stage.whenComplete((value, failure) -> loop().execute(() -> {
            if (failure != null) {
                error(Fault.of(failure), Fault.detail(failure), ref);
            } else if (!ended) {
                reply(answer.apply(value), ref);
            }
            asking.answered();
        }));
    }

    /** The same for an answer that may be long: the requests behind it wait until the client has taken it. */
    <T> void answerAtLength(CompletionStage<T> stage, @Nullable String ref, Function<T, JsonText> answer) {
        answeringAtLength = true;
        answer(stage, ref, answer);
        stage.whenComplete((value, failure) -> loop().execute(() -> {
            answeringAtLength = false;
            goOn();
        }));
    }

    RequestPace pace() {
        if (pace == null) {
            pace = new RequestPace(socket);
        }
        return pace;
    }

    void reply(JsonText text, @Nullable String ref) {
        if (ended) {
            return;
        }
        if (ref != null) {
            text.putRaw("ref", ref);
        }
        socket.send(text.end());
    }

    void error(Fault fault, String message, @Nullable String ref) {
        JsonText text = JsonText.object().put("type", "error").put("code", fault.code());
        if (fault == Fault.UNKNOWN) {
            text.put("accepted", "unknown");
        }
        reply(text.put("message", message), ref);
    }

    /** Says why, and ends the connection. */
    void refuse(Fault fault, String message, @Nullable String ref, CloseReason reason) {
        if (!ended) {
            error(fault, message, ref);
            end(reason);
        }
    }

    private void end(CloseReason reason) {
        ended = true;
        stopAuthTimer();
        socket.close(closeCode(reason), reason);
    }

    String connectionId() {
        return socket.connection().id();
    }

    @Override
    public void onBinary() {
        if (!ended) {
            error(Fault.INVALID_REQUEST, "a binary message came: this protocol is JSON in text messages", null);
            ended = true;
            socket.close(new CloseCode(1003, "text messages only"), CloseReason.BAD_REQUEST);
        }
    }

    @Override
    public void onHeartbeat() {
        if (client != null) {
            client.heartbeat();
        }
    }

    @Override
    public void onDrained() {
        if (client != null) {
            client.drained();
        }
        goOn();
    }

    @Override
    public void onClosing(CloseReason reason) {
        if (!ended && !reason.mayReconnect()) {
            Farewell farewell = Farewell.of(reason);
            error(farewell.fault(), farewell.text(), null);
        }
    }

    @Override
    public void onClosed(CloseReason reason) {
        ended = true;
        stopAuthTimer();
        if (client != null) {
            client.closed(reason);
        }
    }

    @Override
    public CloseCode closeCode(CloseReason reason) {
        return Farewell.of(reason).closeCode();
    }
}
