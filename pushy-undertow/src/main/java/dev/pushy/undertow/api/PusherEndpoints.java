package dev.pushy.undertow.api;

import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.pusher.AppRegistry;
import dev.pushy.undertow.pusher.ChannelApi;
import dev.pushy.undertow.pusher.PusherApp;
import dev.pushy.undertow.pusher.RequestQuery;
import dev.pushy.undertow.pusher.SignedRequest;
import dev.pushy.undertow.pusher.TriggerApi;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The signed REST API of the Pusher protocol: whom a request is from and what it asks for. The app is looked up and the
 * signature checked on a worker, then the body is read, and only then anything is done.
 */
final class PusherEndpoints {
    private final ApiSettings settings;
    private final AppRegistry apps;
    private final Cors cors;
    private final List<String> prefix;
    private final TriggerApi triggers;
    private final ChannelApi channels;

    /** What a path and method ask for. */
    private interface Action {
        CompletionStage<String> run(PusherApp app, RequestQuery query, byte[] body);
    }

    /** An action, with the one method that it takes and the status of its success. */
    private record Route(String method, int status, Action action) {}

    PusherEndpoints(ApiSettings settings, AppRegistry apps, Cors cors) {
        this.settings = settings;
        this.apps = apps;
        this.cors = cors;
        this.prefix = settings.pusherPath();
        this.triggers = new TriggerApi(settings.pushy(), settings.sessions().clock());
        this.channels = new ChannelApi(settings.pushy(), settings.sessions().clock());
    }

    /** Takes a request if its path is one of these. */
    boolean take(HttpServerExchange exchange) {
        String raw = Target.rawPath(exchange);
        if (!raw.contains("/apps/") && !raw.contains("/users/")) {
            return false;
        }
        Target target;
        try {
            target = Target.of(raw, null, exchange.getResolvedPath());
        } catch (RequestException e) {
            return false;
        }
        if (!takes(target.segments())) {
            return false;
        }
        Call call = new Call(settings, exchange, cors, target);
        call.toLibrary();
        call.step(() -> begin(call));
        return true;
    }

    private boolean takes(List<String> path) {
        if (path.size() <= prefix.size() || !path.subList(0, prefix.size()).equals(prefix)) {
            return false;
        }
        String first = path.get(prefix.size());
        return first.equals("apps") || first.equals("users");
    }

    private void begin(Call call) {
        List<String> segments = call.target().segments();
        List<String> path = segments.subList(prefix.size(), segments.size());
        boolean byId = path.get(0).equals("apps") && path.size() > 2;
        Route route = byId ? route(path.subList(2, path.size())) : keyRoute(path);
        HttpServerExchange exchange = call.exchange();
        if (route == null) {
            throw new RequestException(Fault.NOT_FOUND, "There is nothing at " + Excerpt.of(String.join("/", path)));
        }
        if (!exchange.getRequestMethod().toString().equals(route.method())) {
            exchange.getResponseHeaders().put(Headers.ALLOW, route.method());
            throw new RequestException(Fault.METHOD_NOT_ALLOWED, "This path takes " + route.method());
        }
        SignedRequest request = request(exchange);
        call.onWorker(() -> caller(request, byId ? path.get(1) : null), caller -> answer(call, route, request, caller));
    }

    private static SignedRequest request(HttpServerExchange exchange) {
        String path = Target.rawPath(exchange);
        return new SignedRequest(
                exchange.getRequestMethod().toString(),
                path,
                mounted(path, exchange.getResolvedPath()),
                exchange.getQueryString());
    }

    /** How much of the path leads to us, which has as many segments as the mount has. */
    private static int mounted(String path, String mountedAt) {
        int at = 0;
        for (String segment : mountedAt.split("/", -1)) {
            if (!segment.isEmpty()) {
                at = path.indexOf('/', at + 1);
            }
        }
        return Math.max(0, at);
    }

    /** Whom a request is from. */
    private record Caller(PusherApp app, RequestQuery query) {}

    /** On a worker. The library for Python leaves the app's id out of one path, and so names it by its key alone. */
    private Caller caller(SignedRequest request, @Nullable String id) {
        Optional<PusherApp> found = id == null ? apps.byKey(request.key()) : apps.byId(id);
        PusherApp app = found.orElseThrow(() -> id == null
                ? SignedRequest.unknownKey()
                : new RequestException(Fault.NOT_FOUND, "There is no app " + Excerpt.of(id)));
        RequestQuery query =
                request.requireSigned(app, settings.sessions().clock().instant());
        if (!app.features().enabled()) {
            throw new RequestException(Fault.FORBIDDEN, "The app " + Excerpt.of(app.id()) + " is disabled");
        }
        return new Caller(app, query);
    }

    private static void answer(Call call, Route route, SignedRequest request, Caller caller) {
        body(call, TriggerApi.bodyLimit(caller.app()), body -> {
            request.requireBody(body);
            call.await(
                    route.action().run(caller.app(), caller.query(), body), json -> call.answer(route.status(), json));
        });
    }

    private static void body(Call call, int limit, Consumer<byte[]> then) {
        if (call.exchange().isRequestComplete()) {
            then.accept(new byte[0]);
        } else {
            call.bytes(limit, then);
        }
    }

    /** What stands at a path behind the app's id, or null. */
    private @Nullable Route route(List<String> path) {
        String first = path.get(0);
        if (path.size() == 1) {
            return switch (first) {
                case "events" -> post(triggers::trigger);
                case "batch_events" -> post(triggers::batch);
                case "channels" -> get((app, query, body) -> channels.channels(app, query));
                default -> null;
            };
        }
        String name = path.get(1);
        if (path.size() == 2) {
            return first.equals("channels") ? get((app, query, body) -> channels.channel(app, query, name)) : null;
        }
        return path.size() == 3 ? route(first, name, path.get(2)) : null;
    }

    private @Nullable Route route(String first, String name, String last) {
        return switch (first + " " + last) {
            case "channels users" -> get((app, query, body) -> channels.users(app, name));
            case "channels stats" -> get((app, query, body) -> channels.stats(app, name));
            case "channels events" ->
                new Route(
                        Methods.POST_STRING,
                        StatusCodes.ACCEPTED,
                        (app, query, body) -> triggers.triggerRaw(app, query, name, body));
            case "users terminate_connections" -> post((app, query, body) -> channels.terminate(app, name));
            default -> null;
        };
    }

    /** What stands at a path without an app's id, or null. */
    private @Nullable Route keyRoute(List<String> path) {
        return path.size() == 3 && path.get(0).equals("users") ? route("users", path.get(1), path.get(2)) : null;
    }

    private static Route post(Action action) {
        return new Route(Methods.POST_STRING, StatusCodes.OK, action);
    }

    private static Route get(Action action) {
        return new Route(Methods.GET_STRING, StatusCodes.OK, action);
    }
}
