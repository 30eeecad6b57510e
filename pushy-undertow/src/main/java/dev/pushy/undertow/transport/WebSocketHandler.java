package dev.pushy.undertow.transport;

import dev.pushy.core.CloseReason;
import dev.pushy.undertow.protocol.ClientProtocol;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.FramedFormats;
import dev.pushy.undertow.protocol.TextFormat;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * Opens WebSockets for one protocol: answers the handshake of RFC 6455, then owns the raw connection. Thread-safe.
 */
public final class WebSocketHandler {
    private static final System.Logger LOG = System.getLogger(WebSocketHandler.class.getName());

    private final EventLoops loops;
    private final TransportSettings settings;
    private final ClientProtocol protocol;
    private final List<String> subprotocols;
    private final Supplier<String> ids;
    private final FramedFormats plain = new FramedFormats(ServerFrame::text);
    private final FramedFormats deflated = new FramedFormats(DeflatedFrame::text);

    /**
     * Opens connections to a protocol.
     *
     * @param subprotocols which of the subprotocols that a client offers are agreed on, the best first
     * @param ids makes connection ids
     */
    public WebSocketHandler(
            EventLoops loops,
            TransportSettings settings,
            ClientProtocol protocol,
            List<String> subprotocols,
            Supplier<String> ids) {
        this.loops = Objects.requireNonNull(loops, "loops");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.protocol = Objects.requireNonNull(protocol, "protocol");
        this.subprotocols = List.copyOf(subprotocols);
        this.ids = Objects.requireNonNull(ids, "ids");
    }

    /**
     * Answers the handshake; from the exchange's IO thread, or from where it was dispatched to. The exchange must not be
     * touched afterwards.
     *
     * @param request what the session is told, whose subprotocols and token are those of the exchange
     */
    public void open(HttpServerExchange exchange, ClientRequest request) {
        if (exchange.isInIoThread()) {
            answer(exchange, request);
        } else {
            exchange.dispatch(exchange.getIoThread(), () -> answer(exchange, request));
        }
    }

    private void answer(HttpServerExchange exchange, ClientRequest request) {
        Handshake.Refusal refusal = Handshake.check(exchange);
        if (refusal == null) {
            accept(exchange, request, Handshake.words(exchange.getRequestHeaders(), Headers.SEC_WEB_SOCKET_PROTOCOL));
        } else {
            refuse(exchange, refusal);
        }
    }

    private void accept(HttpServerExchange exchange, ClientRequest request, List<String> offered) {
        String extension = settings.deflate()
                ? Handshake.extension(Handshake.words(exchange.getRequestHeaders(), Headers.SEC_WEB_SOCKET_EXTENSIONS))
                : null;
        String key = Objects.requireNonNull(exchange.getRequestHeaders().getFirst(Headers.SEC_WEB_SOCKET_KEY));
        exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_ACCEPT, Handshake.accept(key));
        if (extension != null) {
            exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_EXTENSIONS, extension);
        }
        String chosen = choose(offered);
        if (chosen != null) {
            exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_PROTOCOL, chosen);
        }
        exchange.setPersistent(true);
        exchange.upgradeChannel("websocket", new Handover(socket -> handOver(socket, request, extension != null)));
        exchange.endExchange();
    }

    private @Nullable String choose(List<String> offered) {
        for (String known : subprotocols) {
            if (offered.contains(known)) {
                return known;
            }
        }
        return null;
    }

    private void handOver(StreamConnection socket, ClientRequest request, boolean deflate) {
        TextFormat texts = protocol.texts(request);
        WebSocketConnection connection = new WebSocketConnection(
                ids.get(),
                (deflate ? deflated : plain).of(texts),
                loops.of(socket.getIoThread()),
                socket,
                socket instanceof SslConnection,
                settings,
                request,
                deflate);
        socket.getSinkChannel().setWriteListener(connection);
        socket.getSourceChannel().setReadListener(connection);
        socket.setCloseListener(connection);
        try {
            connection.start(protocol);
        } catch (Throwable t) {
            LOG.log(Level.ERROR, "a session could not be opened", t);
            connection.close(CloseReason.INTERNAL);
        }
        socket.getSourceChannel().wakeupReads();
    }

    private static void refuse(HttpServerExchange exchange, Handshake.Refusal refusal) {
        exchange.setStatusCode(refusal.status());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/problem+json");
        exchange.getResponseSender()
                .send("{\"type\":\"about:blank\",\"title\":\"" + refusal.title() + "\",\"status\":" + refusal.status()
                        + ",\"code\":\"" + refusal.code() + "\",\"detail\":\"" + refusal.detail() + "\"}");
    }
}
