package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/**
 * The socket of one client, as a transport gives it to the hub. All methods are called on {@link #loop()} only, but for
 * {@link #close} and the getters.
 */
public interface Connection {

    /** The connection id: {@code digits.digits}, unique in the cluster. */
    String id();

    /** The word for this kind of transport in metrics: {@code sse}, {@code websocket}, {@code poll}. */
    String transport();

    /** The loop that this belongs to for life. */
    EventLoop loop();

    /** How events look to this client. */
    WireFormat format();

    /**
     * Puts a complete frame behind what waits to be written. If the backlog is full the connection acts by its policy:
     * it closes itself as a slow consumer, or gives up the oldest publications and leaves a gap in their place.
     *
     * @param frame shared and never changed
     * @param publication what the frame carries, or null for frames that must not be skipped
     */
    void append(byte[] frame, @Nullable Publication publication);

    /** Writes what waits, as much as the socket takes. */
    void flush();

    /**
     * Writes frames to the socket past the queue, if the transport can and nothing waits. What the socket does not take
     * waits, as after {@link #append}.
     *
     * @return whether they were dealt with; if not they are to be appended
     */
    default boolean writeNow(Burst burst) {
        return false;
    }

    /** How many bytes wait to be written. */
    int backlog();

    /**
     * Ends the connection: tells the client as its protocol can, writes what is possible without waiting, closes.
     * Idempotent, any thread. {@link Subscriber#closed} is called on the loop, later.
     */
    void close(CloseReason reason);
}
