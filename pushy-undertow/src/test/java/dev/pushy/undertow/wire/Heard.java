package dev.pushy.undertow.wire;

import dev.pushy.core.Cursor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened to a client, in its order. */
sealed interface Heard {

    /** It connected for the n-th time, with the cursor that it held. */
    record Connected(int life, @Nullable Cursor cursor, int incidents) implements Heard {}

    /** From here on every message of the pattern behind this sequence is owed to it. */
    record Owed(String pattern, int sequence, boolean continued) implements Heard {}

    /** It asked for a subscription. */
    record Asked(String pattern) implements Heard {}

    /** It does not want the pattern any more. */
    record Removed(String pattern) implements Heard {}

    /** It was told of a loss. */
    record Lost(List<String> channels, String reason, int life, int incidents) implements Heard {}

    /** It got a message. */
    record Got(Journal.Message message, int life) implements Heard {}

    /** It holds this cursor now. */
    record Moved(Cursor cursor, int life) implements Heard {}
}
