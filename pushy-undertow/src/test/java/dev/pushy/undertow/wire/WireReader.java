package dev.pushy.undertow.wire;

import org.jspecify.annotations.Nullable;

/** What comes over a {@link WireSocket}, unit by unit, whatever protocol is spoken in it. */
public interface WireReader {
    /** A block of an event stream; without data nothing is dispatched. */
    void onBlock(@Nullable String id, String event, @Nullable String data);

    /** A text frame of a WebSocket. */
    void onText(String text);

    /** The server ended the connection, or broke the rules of its transport. */
    void onError(String what);
}
