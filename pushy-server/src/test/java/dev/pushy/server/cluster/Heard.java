package dev.pushy.server.cluster;

import dev.pushy.core.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened to a subscriber, in its order. */
sealed interface Heard {

    /** It connected to a node, with the cursor that it held. */
    record Connected(String node, @Nullable Position cursor) implements Heard {}

    /** The native protocol: all that it had missed has come. */
    record Opened(@Nullable Position cursor) implements Heard {}

    /** The Pusher protocol: a channel is subscribed to. */
    record Subscribed(String channel, long at) implements Heard {}

    /** A message came; without a position where the protocol tells none. */
    record Got(int number, String channel, @Nullable Position position) implements Heard {}

    /** It holds this cursor now. */
    record Moved(Position cursor) implements Heard {}

    /** It was told of a loss. */
    record Lost(List<String> channels, String reason) implements Heard {}

    /** The connection ended. */
    record Closed(String why, boolean byUs) implements Heard {}

    /** A member came or went. */
    record Changed(String member, boolean there) implements Heard {}

    /** What nobody may hear. */
    record Fault(String what) implements Heard {}
}
