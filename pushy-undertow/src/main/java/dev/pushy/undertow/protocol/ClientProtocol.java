package dev.pushy.undertow.protocol;

/**
 * A protocol of text messages between a client and the hub. It knows neither sockets nor framing: the same protocol runs
 * over WebSocket and over whatever else carries texts.
 */
public interface ClientProtocol {

    /** Events as texts of this protocol, without any framing. One object for the life of the protocol. */
    TextFormat texts();

    /**
     * The same for the client that sent this request, where its kind needs other texts. One of a few objects that live as
     * long as the protocol.
     */
    default TextFormat texts(ClientRequest request) {
        return texts();
    }

    /** Begins a session on a connection that a transport has accepted. On the connection's loop. */
    ClientSession open(ClientSocket socket);
}
