package dev.pushy.undertow.api;

import dev.pushy.undertow.protocol.Excerpt;
import dev.pushy.undertow.protocol.Fault;
import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.pusher.AppRegistry;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All paths of the native API and of Pusher's, below wherever this is mounted. Never blocks the IO thread that it is called on. */
public final class ApiHandler implements HttpHandler {
    private final ApiSettings settings;
    private final Cors cors;
    private final @Nullable PusherEndpoints pusher;
    private final @Nullable PusherSocketEndpoint pusherSocket;
    private final SockJsEndpoints sockJs;

    /** The paths of a node. */
    public ApiHandler(ApiSettings settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.cors = new Cors(settings.access());
        AppRegistry apps = settings.apps();
        this.pusher = apps == null ? null : new PusherEndpoints(settings, apps, cors);
        this.pusherSocket = apps == null ? null : new PusherSocketEndpoint(settings);
        this.sockJs = new SockJsEndpoints(settings);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        if (exchange.isHttp11() && !exchange.isPersistent()) {
            // Undertow says so only with answers that have a body; clients must know (RFC 9112, section 9.6).
            exchange.getResponseHeaders().put(Headers.CONNECTION, "close");
        }
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> begin(exchange));
    }

    private void begin(HttpServerExchange exchange) {
        if ((pusher != null && pusher.take(exchange)) || sockJs.take(exchange)) {
            return;
        }
        Target target;
        try {
            cors.begin(exchange);
            target = Target.of(exchange);
        } catch (RequestException e) {
            Answers.problem(exchange, e.fault(), Fault.detail(e));
            return;
        }
        Call call = new Call(settings, exchange, cors, target);
        call.step(() -> route(call));
    }

    private void route(Call call) {
        Map<String, Endpoint> methods = methods(call.target().segments());
        HttpServerExchange exchange = call.exchange();
        if (pusherSocket != null && isForPusherSocket(call, methods, pusherSocket)) {
            pusherSocket.open(exchange, call.target());
            return;
        }
        if (methods == null) {
            throw new RequestException(
                    Fault.NOT_FOUND,
                    "there is nothing at "
                            + Excerpt.of(String.join("/", call.target().segments())));
        }
        HttpString method = exchange.getRequestMethod();
        String allowed = String.join(", ", methods.keySet()) + ", OPTIONS";
        Endpoint endpoint = methods.get(method.toString());
        if (endpoint != null) {
            endpoint.handle(call);
        } else if (method.equals(Methods.OPTIONS)) {
            if (!Cors.isPreflight(exchange)) {
                exchange.getResponseHeaders().put(Headers.ALLOW, allowed);
            }
            Cors.preflight(exchange, allowed);
        } else {
            exchange.getResponseHeaders().put(Headers.ALLOW, allowed);
            throw new RequestException(
                    Fault.METHOD_NOT_ALLOWED,
                    "the method is " + Excerpt.of(method.toString()) + ", this path takes " + allowed);
        }
    }

    private static boolean isForPusherSocket(
            Call call, @Nullable Map<String, Endpoint> methods, PusherSocketEndpoint socket) {
        return socket.takes(call.target()) || (methods == null && PusherSocketEndpoint.wantsSocket(call.exchange()));
    }

    /** What a path takes by method, or null if there is no such path. */
    private static @Nullable Map<String, Endpoint> methods(List<String> path) {
        if (path.isEmpty()) {
            return null;
        }
        String first = path.get(0);
        if (path.size() == 1) {
            return switch (first) {
                case "token" -> post(new TokenEndpoint());
                case "publish" -> post(new BatchEndpoint());
                case "revoke" -> post(ControlEndpoints::revoke);
                case "disconnect" -> post(ControlEndpoints::disconnect);
                case "channels" -> get(ChannelEndpoints::occupied);
                default -> null;
            };
        }
        String second = path.get(1);
        if (path.size() == 2) {
            return switch (first) {
                case "publish" -> post(new PublishEndpoint(second));
                case "presence" -> get(call -> ChannelEndpoints.presence(call, second));
                case "history" -> get(call -> ChannelEndpoints.history(call, second));
                case "channels" -> channels(second);
                default -> null;
            };
        }
        boolean stream = path.size() == 3 && first.equals("channels") && second.equals("stream");
        return stream ? post(call -> ControlEndpoints.changeStream(call, path.get(2))) : null;
    }

    private static Map<String, Endpoint> channels(String second) {
        return switch (second) {
            case "stream" -> Map.of("GET", StreamEndpoints::stream);
            case "ws" -> Map.of("GET", StreamEndpoints::webSocket);
            case "poll" -> Map.of("GET", StreamEndpoints::poll);
            default -> get(call -> ChannelEndpoints.channel(call, second));
        };
    }

    private static Map<String, Endpoint> post(Endpoint endpoint) {
        return Map.of("POST", endpoint);
    }

    private static Map<String, Endpoint> get(Endpoint endpoint) {
        return new TreeMap<>(Map.of("GET", endpoint, "HEAD", endpoint));
    }
}
