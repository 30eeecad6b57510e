package dev.pushy.undertow.transport.sockjs;

import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.transport.EventLoops;
import dev.pushy.undertow.transport.TransportSettings;
import dev.pushy.undertow.transport.WebSocketHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One endpoint of SockJS, which carries one protocol: all paths below it. Thread-safe.
 *
 * <p>What keeps sessions apart is the path of the endpoint in the request that it is given, and the session's own word in
 * the path; the word before that is for load balancers. A session belongs to the node that its first request came to. The
 * others hand requests on to it if they can; else a load balancer must send all requests of a session to one node.
 */
public final class SockJsHandler {
    private static final Pattern WORD = Pattern.compile("[^/.]+");
    private static final Pattern IFRAME = Pattern.compile("iframe[0-9\\-.a-z_]*\\.html");
    private static final Pattern COOKIE = Pattern.compile("JSESSIONID=([A-Za-z0-9._~!\\-]{1,128})");
    private static final Map<String, Transport> XHR =
            Map.of("xhr", new XhrPolling(), "xhr_streaming", new XhrStreaming(), "xhr_send", new XhrSend());
    private static final Map<String, Transport> OTHERS = Map.of(
            "eventsource", new EventSource(),
            "htmlfile", new HtmlFile(),
            "jsonp", new JsonpPolling(),
            "jsonp_send", new JsonpSend());

    private final Endpoint endpoint;
    private final SockJsOptions options;
    private final CrossOrigin crossOrigin;
    private final Pages pages;
    private final WebSocketHandler framed;
    private final WebSocketHandler raw;

    /**
     * An endpoint for a protocol.
     *
     * @param settings bound what clients send and what waits for them
     * @param ids makes connection ids
     * @param forwarding finds sessions that this node does not know
     */
    public SockJsHandler(
            EventLoops loops,
            TransportSettings settings,
            SockJsOptions options,
            ClientProtocol protocol,
            Supplier<String> ids,
            Forwarding forwarding) {
        this.endpoint = new Endpoint(loops, settings, options, protocol, ids, forwarding);
        this.options = options;
        this.crossOrigin = new CrossOrigin(options);
        this.pages = new Pages(options);
        this.framed = new WebSocketHandler(loops, settings, new FramedProtocol(protocol), List.of(), ids);
        this.raw = new WebSocketHandler(loops, settings, protocol, List.of(), ids);
    }

    /**
     * Answers a request; from the exchange's IO thread, or from where it was dispatched to. The exchange must not be
     * touched afterwards.
     *
     * @param path the decoded segments below the endpoint; none, or an empty one, for the endpoint itself
     * @param request what a session is told that this opens, with the path of the endpoint
     */
    public void handle(HttpServerExchange exchange, List<String> path, ClientRequest request) {
        Objects.requireNonNull(request, "request");
        if (exchange.isInIoThread()) {
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> route(exchange, path, request));
        } else {
            exchange.dispatch(exchange.getIoThread(), () -> route(exchange, path, request));
        }
    }

    /** How many sessions over HTTP requests there are, those that were closed a moment ago included. */
    int sessions() {
        return endpoint.sessionCount();
    }

    private void route(HttpServerExchange exchange, List<String> path, ClientRequest request) {
        if (path.size() == 3) {
            session(exchange, path, request);
        } else if (options.takeover() || path.size() > 1) {
            Replies.notFound(exchange);
        } else {
            page(exchange, path.isEmpty() ? "" : path.get(0), request);
        }
    }

    private void page(HttpServerExchange exchange, String name, ClientRequest request) {
        if (name.isEmpty()) {
            get(exchange, () -> pages.greet(exchange));
        } else if (name.equals("info")) {
            info(exchange, request);
        } else if (name.equals("websocket") && options.webSocket()) {
            webSocket(exchange, raw, request);
        } else if (IFRAME.matcher(name).matches()) {
            get(exchange, () -> pages.iframe(exchange));
        } else {
            Replies.notFound(exchange);
        }
    }

    private static void get(HttpServerExchange exchange, Runnable answer) {
        if (exchange.getRequestMethod().equals(Methods.GET)) {
            answer.run();
        } else {
            Replies.methodNotAllowed(exchange, "GET");
        }
    }

    private void info(HttpServerExchange exchange, ClientRequest request) {
        if (exchange.getRequestMethod().equals(Methods.OPTIONS)) {
            crossOrigin.preflight(exchange, request, "GET");
        } else {
            crossOrigin.allow(exchange, request);
            get(exchange, () -> pages.info(exchange));
        }
    }

    private void session(HttpServerExchange exchange, List<String> path, ClientRequest request) {
        String name = path.get(2);
        boolean valid =
                WORD.matcher(path.get(0)).matches() && WORD.matcher(path.get(1)).matches();
        Transport transport = XHR.get(name);
        if (transport == null && !options.takeover()) {
            transport = OTHERS.get(name);
        }
        if (valid && transport != null) {
            transport(exchange, transport, new Call(endpoint, exchange, request, path.get(1)));
        } else if (valid && name.equals("websocket") && options.webSocket()) {
            webSocket(exchange, framed, request);
        } else {
            Replies.notFound(exchange);
        }
    }

    private void transport(HttpServerExchange exchange, Transport transport, Call call) {
        HttpString method = exchange.getRequestMethod();
        setCookie(exchange);
        if (method.equals(Methods.OPTIONS) && transport.isCrossOrigin()) {
            crossOrigin.preflight(exchange, call.request(), transport.method());
        } else if (method.toString().equals(transport.method())) {
            if (transport.isCrossOrigin()) {
                crossOrigin.allow(exchange, call.request());
            }
            Replies.uncached(exchange);
            transport.handle(call);
        } else {
            Replies.methodNotAllowed(
                    exchange, transport.isCrossOrigin() ? "OPTIONS, " + transport.method() : transport.method());
        }
    }

    /** The cookie means nothing to us; a load balancer may put the name of a node into it. */
    private void setCookie(HttpServerExchange exchange) {
        if (!options.cookie()) {
            return;
        }
        String value = "dummy";
        HeaderValues lines = exchange.getRequestHeaders().get(Headers.COOKIE);
        if (lines != null) {
            for (String cookie : String.join(";", lines).split(";", -1)) {
                Matcher known = COOKIE.matcher(cookie.strip());
                value = known.matches() ? known.group(1) : value;
            }
        }
        exchange.getResponseHeaders().put(Headers.SET_COOKIE, "JSESSIONID=" + value + "; path=/");
    }

    /** Tells what is no handshake in the words of SockJS, and leaves the rest to RFC 6455. */
    private static void webSocket(HttpServerExchange exchange, WebSocketHandler handler, ClientRequest request) {
        HeaderMap headers = exchange.getRequestHeaders();
        if (!exchange.getRequestMethod().equals(Methods.GET)) {
            Replies.methodNotAllowed(exchange, "GET");
        } else if (!"websocket".equalsIgnoreCase(headers.getFirst(Headers.UPGRADE))) {
            Replies.text(exchange, 400, "Can \"Upgrade\" only to \"WebSocket\".");
        } else if (!String.valueOf(headers.getFirst(Headers.CONNECTION))
                .toLowerCase(Locale.ROOT)
                .contains("upgrade")) {
            Replies.text(exchange, 400, "\"Connection\" must be \"Upgrade\".");
        } else {
            handler.open(exchange, request);
        }
    }
}
