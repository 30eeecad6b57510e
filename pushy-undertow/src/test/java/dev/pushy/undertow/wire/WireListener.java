package dev.pushy.undertow.wire;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** What a client understands of what comes over its socket, apart from the transport. */
public interface WireListener {
    /** A message; it has a cursor, or it is of an added subscription and has that one's own. */
    void onMessage(JsonNode envelope, @Nullable String cursor);

    /** A cursor without a message. */
    void onCheckpoint(String cursor);

    /** All that was missed has come. */
    void onOpen(JsonNode open);

    /** A loss. */
    void onGap(JsonNode gap);

    /** The answer to a request. */
    void onSubscribed(JsonNode answer);

    /** A member came, where presence is on. */
    default void onJoin(JsonNode join) {
        onError("unexpected join " + join);
    }

    /** A member went, where presence is on. */
    default void onLeave(JsonNode leave) {
        onError("unexpected leave " + leave);
    }

    /** The connection is about to be ended, and to be made anew after a while. */
    default void onReconnect(JsonNode reconnect) {
        onError("unexpected reconnect " + reconnect);
    }

    /** The server ended the connection, or told of an error. */
    void onError(String what);
}
