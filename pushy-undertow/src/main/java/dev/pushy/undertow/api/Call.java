package dev.pushy.undertow.api;

import dev.pushy.core.Grant;
import dev.pushy.core.InvalidTokenException;
import dev.pushy.undertow.protocol.ClientAccess;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.JsonText;
import dev.pushy.undertow.protocol.RequestException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the API. The exchange is touched on its IO thread only: what takes time goes to a worker
 * or a stage, and what follows comes back to that thread. What a step throws becomes the answer.
 */
final class Call {
    private static final System.Logger LOG = System.getLogger(Call.class.getName());
    private static final HttpString CLIENT_ID = new HttpString("X-Client-ID");
    private static final HttpString CLIENT_SECRET = new HttpString("X-Client-Secret");

    private final ApiSettings settings;
    private final HttpServerExchange exchange;
    private final Cors cors;
    private final Target target;
    private ErrorForm errors = ErrorForm.PROBLEM;

    private enum ErrorForm {
        PROBLEM,
        /** In the one way that an EventSource survives, where the error will pass. */
        EVENT_SOURCE,
        /** As Pusher's libraries show them. */
        LINE
    }

    Call(ApiSettings settings, HttpServerExchange exchange, Cors cors, Target target) {
        this.settings = settings;
        this.exchange = exchange;
        this.cors = cors;
        this.target = target;
    }

    /** From now on an error that will pass is told in the one way that an EventSource survives. */
    void toEventSource() {
        errors = ErrorForm.EVENT_SOURCE;
    }

    /** From now on errors are told as a line of text. */
    void toLibrary() {
        errors = ErrorForm.LINE;
    }

    ApiSettings settings() {
        return settings;
    }

    HttpServerExchange exchange() {
        return exchange;
    }

    Target target() {
        return target;
    }

    /** The publisher whose credentials came along. */
    Publisher publisher() {
        String id = single(CLIENT_ID);
        String secret = single(CLIENT_SECRET);
        if (id == null || secret == null) {
            throw new RequestException(
                    Fault.UNAUTHORIZED, "publisher credentials are missing: send X-Client-ID and X-Client-Secret");
        }
        // Header bytes come as Latin-1 characters, whatever they are.
        Publisher publisher = settings.publishers()
                .authenticate(id, secret.getBytes(StandardCharsets.ISO_8859_1))
                .orElseThrow(() -> new RequestException(
                        Fault.UNAUTHORIZED, "X-Client-ID and X-Client-Secret are not those of a publisher"));
        cors.narrow(exchange, publisher.app());
        return publisher;
    }

    private @Nullable String single(HttpString name) {
        HeaderValues values = exchange.getRequestHeaders().get(name);
        return values == null || values.size() != 1 ? null : values.getFirst();
    }

    /** Whether a publisher's credentials came along, good or not. */
    boolean hasPublisher() {
        HeaderMap headers = exchange.getRequestHeaders();
        return headers.contains(CLIENT_ID) || headers.contains(CLIENT_SECRET);
    }

    /** Whether a token came along. */
    boolean hasToken() {
        return settings.access().find(ClientRequests.of(exchange, target)).isPresent();
    }

    /** Goes on with what the token of the request allows. */
    void withGrant(Consumer<Grant> then) {
        ClientRequest request = ClientRequests.of(exchange, target);
        ClientAccess.Presented token = settings.access()
                .find(request)
                .orElseThrow(
                        () -> new InvalidTokenException("a token is missing: send it as Authorization: Bearer TOKEN"));
        onWorker(() -> settings.access().verify(token, request), grant -> {
            cors.narrow(exchange, grant.app());
            then.accept(grant);
        });
    }

    /** Goes on with what a token that was part of the request allows. */
    void withGrant(String token, Consumer<Grant> then) {
        onWorker(() -> settings.access().verify(ClientAccess.presented(token), null), grant -> {
            cors.narrow(exchange, grant.app());
            then.accept(grant);
        });
    }

    /** Does what may block on a worker, then goes on. */
    <T> void onWorker(Callable<T> work, Consumer<T> then) {
        try {
            settings.sessions().workers().execute(() -> {
                T result;
                try {
                    result = work.call();
                } catch (Throwable t) {
                    onIoThread(() -> fail(t));
                    return;
                }
                onIoThread(() -> step(() -> then.accept(result)));
            });
        } catch (RejectedExecutionException e) {
            fail(e);
        }
    }

    /** Goes on when the stage completes. */
    <T> void await(CompletionStage<T> stage, Consumer<T> then) {
        stage.whenComplete((value, failure) -> onIoThread(() -> {
            if (failure != null) {
                fail(failure);
            } else {
                step(() -> then.accept(value));
            }
        }));
    }

    private void onIoThread(Runnable task) {
        try {
            exchange.getIoThread().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the server has ended before a request was answered", e);
        }
    }

    /** Goes on with the body, which must be JSON of at most so many bytes. */
    void body(int limit, Consumer<byte[]> then) {
        Body.requireJson(exchange);
        bytes(limit, then);
    }

    /** Goes on with the body, whatever it is said to be, of at most so many bytes. */
    void bytes(int limit, Consumer<byte[]> then) {
        new Body(this, limit, then).read();
    }

    void step(Runnable step) {
        try {
            step.run();
        } catch (Throwable t) {
            fail(t);
        }
    }

    /** Answers with JSON. */
    void answer(int status, String json) {
        answer(status, json.getBytes(StandardCharsets.UTF_8));
    }

    void answer(int status, byte[] json) {
        Answers.json(exchange, status, "application/json", json);
    }

    void answer(JsonText json) {
        answer(200, json.end());
    }

    /** Answers with an error. */
    void fail(Throwable failure) {
        Fault fault = Fault.of(failure);
        if (fault == Fault.INTERNAL) {
            LOG.log(Level.ERROR, "a request failed: " + exchange.getRequestMethod() + " " + target, failure);
        }
        fail(fault, Fault.detail(failure));
    }

    void fail(Fault fault, String detail) {
        if (!exchange.isResponseStarted()) {
            if (errors == ErrorForm.LINE) {
                Answers.line(exchange, fault, detail);
            } else if (errors == ErrorForm.EVENT_SOURCE && Answers.isPassing(fault)) {
                Answers.comeBack(exchange);
            } else {
                Answers.problem(exchange, fault, detail);
            }
        } else if (!exchange.isResponseComplete()) {
            exchange.setPersistent(false).endExchange();
        }
    }

    /** The values of the query parameter, or none. */
    List<String> query(String name) {
        return target.query().getOrDefault(name, List.of());
    }
}
