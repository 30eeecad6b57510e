package dev.pushy.undertow.protocol;

import dev.pushy.core.CloseReason;

/** What a protocol hears of an SSE stream that it opened. On the loop of the connection. */
public interface StreamSession {

    /** What waited to be written has been written. */
    void onDrained();

    /** It is time for a heartbeat: something must be written. */
    void onHeartbeat();

    /** The connection ends; a last event may be appended, which is written if the client takes it soon. */
    void onClosing(CloseReason reason);

    /** The connection has ended; the last call. */
    void onClosed(CloseReason reason);
}
