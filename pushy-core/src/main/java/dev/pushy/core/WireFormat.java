package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/**
 * How events look on the wire to the clients of one protocol over one framing: complete frames, ready to be written.
 *
 * <p>Formats are compared by identity: there is one object for each kind of client, not one for each client, and what it
 * makes is shared by all of them. Every method may be called by any loop, must be a pure function of its arguments, and
 * answers null where its clients are told nothing.
 */
public interface WireFormat {

    /**
     * A publication.
     *
     * @param cursor the position of the node, or of the connection while it recovers; null where none is to be sent: the
     *     frame must then not move the client's cursor
     * @param since only in the replay of a subscription that was added to a live connection: the cursor of this
     *     subscription alone, to ask again with after a break
     */
    byte @Nullable [] publication(Publication publication, @Nullable Cursor cursor, @Nullable Cursor since);

    /** A member that joins. */
    byte @Nullable [] join(Join join);

    /** A member that leaves. */
    byte @Nullable [] leave(Leave leave);

    /** A loss, told before the first cursor that covers it. */
    byte @Nullable [] gap(Gap gap);

    /** A cursor alone. */
    byte @Nullable [] checkpoint(Cursor cursor);

    /** What keeps proxies from closing a quiet connection, with a checkpoint where there is a cursor. */
    byte @Nullable [] heartbeat(@Nullable Cursor cursor);
}
