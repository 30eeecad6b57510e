package dev.pushy.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one node asks all nodes to do. The one that holds the connection acts. */
public sealed interface ControlMessage {

    /** The app that it concerns. */
    String app();

    /**
     * Ends connections, which may come back.
     *
     * @param connection this one, or null
     * @param subject all of this subject, or null
     */
    record Disconnect(
            String app,
            @Nullable String connection,
            @Nullable String subject) implements ControlMessage {}

    /**
     * Changes the subscriptions of an open stream.
     *
     * @param connection the stream
     * @param subject who asks; must be the subject of the stream
     * @param subscribe patterns to add, already allowed by the token
     * @param unsubscribe patterns to drop
     * @param token a new token for the stream, verified by the node that holds it, or null
     * @param number the place among the changes of this stream, from 1; 0: in the order in which they come
     */
    record ChangeStream(
            String app,
            String connection,
            String subject,
            List<String> subscribe,
            List<String> unsubscribe,
            @Nullable String token,
            long number)
            implements ControlMessage {

        /** Copies the lists. */
        public ChangeStream {
            subscribe = List.copyOf(subscribe);
            unsubscribe = List.copyOf(unsubscribe);
        }

        /** Without the token. */
        @Override
        public String toString() {
            return "ChangeStream[" + connection + ", +" + subscribe + ", -" + unsubscribe + "]";
        }
    }
}
