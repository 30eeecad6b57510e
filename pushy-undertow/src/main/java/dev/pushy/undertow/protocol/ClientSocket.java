package dev.pushy.undertow.protocol;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import java.time.Duration;

/** The connection of one client, as a transport gives it to a protocol. On its loop only. */
public interface ClientSocket {

    /** What the hub writes to. */
    Connection connection();

    /**
     * What the client asked for when it connected.
     *
     * @throws IllegalStateException after {@link #forgetRequest}
     */
    ClientRequest request();

    /** The session has taken what it needs: neither the request nor the credentials in it are kept any longer. */
    default void forgetRequest() {}

    /** Puts a text message of the protocol behind what waits to be written, and flushes. Never skipped. */
    void send(String text);

    /** Ends the connection with a code of the protocol's own choice, for the given reason in the counters. */
    void close(ClientSession.CloseCode code, CloseReason reason);

    /**
     * From now on the client is pinged when it has been silent for so long, and ended as unresponsive when it stays so for
     * so long again; anything that it sends counts, pings and pongs among it, of which there may then be any number. A
     * transport that has no pings does nothing.
     */
    default void pingAfter(Duration silence, Duration answer) {}

    /** Stops reading from the client until {@link #resumeReads}: its session has enough to do. */
    void suspendReads();

    /** Reads again. */
    void resumeReads();
}
