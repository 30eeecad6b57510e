package dev.pushy.undertow.protocol;

import dev.pushy.core.CloseReason;

/** One client's state in a protocol. Confined to the loop of its connection. */
public interface ClientSession {

    /** A complete text message from the client. Must not block; what takes time goes to a worker and comes back. */
    void onText(String text);

    /** A binary message, which no protocol of ours knows: an error for the client. */
    void onBinary();

    /** A binary message with its bytes, for protocols that know binary messages; by default an error. */
    default void onBinary(byte[] message) {
        onBinary();
    }

    /** The transport has sent its ping; the time for a checkpoint. */
    default void onHeartbeat() {}

    /** What waited to be written has been written. */
    void onDrained();

    /** The connection ends, and it was not the client's wish; a last text may be sent, which stands before the close. */
    default void onClosing(CloseReason reason) {}

    /** The connection has ended; the last call. */
    void onClosed(CloseReason reason);

    /** How this protocol tells the client why the server ends the connection. */
    CloseCode closeCode(CloseReason reason);

    /**
     * The code and the text of a WebSocket close frame.
     *
     * @param code by RFC 6455 section 7.4
     * @param text at most 123 bytes of UTF-8
     */
    record CloseCode(int code, String text) {}
}
