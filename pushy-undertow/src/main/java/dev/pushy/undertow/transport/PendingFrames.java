package dev.pushy.undertow.transport;

import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written on a connection. Stands in the connection's own object, because a delivery should touch as few
 * cache lines as possible: an idle connection has no buffer and no list, one with a single frame has no list.
 *
 * <p>Invariants: at most one of {@code only} and {@code list} holds frames; {@code offset} bytes of the oldest are gone;
 * {@code pending} is what they hold together less the offset.
 */
abstract sealed class PendingFrames extends TimerWheel.Entry permits SocketWriter {
    private final XnioEventLoop loop;
    private byte @Nullable [] only;
    private @Nullable Publication onlyPublication;
    private @Nullable Backlog list;
    private @Nullable Overflow overflow;
    private int offset;
    private int pending;

    PendingFrames(XnioEventLoop loop) {
        this.loop = loop;
    }

    public final XnioEventLoop loop() {
        return loop;
    }

    /** How many bytes wait. */
    public final int backlog() {
        return pending;
    }

    /** Adds a frame behind the others. */
    final void enqueue(byte[] frame, @Nullable Publication publication) {
        if (list != null) {
            list.add(frame, publication);
        } else if (only == null) {
            only = frame;
            onlyPublication = publication;
        } else {
            toList().add(frame, publication);
        }
        pending += frame.length;
    }

    private Backlog toList() {
        Backlog several = list;
        if (several == null) {
            several = loop.takeBacklog();
            list = several;
            if (only != null) {
                several.add(only, onlyPublication);
                only = null;
                onlyPublication = null;
            }
        }
        return several;
    }

    /** Puts as much of what waits as a write may take into the loop's scratch. Something must wait. */
    final ByteBuffer lay() {
        Backlog several = list;
        if (several == null) {
            return loop.scratch().of(Objects.requireNonNull(only), offset);
        }
        return offset > 0
                ? loop.scratch().of(several.frame(0), offset)
                : loop.scratch().of(several);
    }

    /** The socket has taken so many of the oldest bytes. */
    final void taken(int written) {
        pending -= written;
        if (pending == 0) {
            dropAll();
            return;
        }
        int rest = offset + written;
        if (list != null) {
            while (rest > 0 && rest >= list.frame(0).length) {
                rest -= list.frame(0).length;
                list.removeFirst();
            }
        }
        offset = rest;
    }

    /** Drops everything; only if nothing has begun, or nothing will be written any more. */
    final void dropAll() {
        only = null;
        onlyPublication = null;
        offset = 0;
        pending = 0;
        if (list != null) {
            list.truncate(0);
            loop.giveBack(list);
            list = null;
        }
    }

    /** Drops all frames but the one that has begun, which must be finished so that the next one can be read. */
    final void dropUnbegun() {
        if (offset == 0) {
            dropAll();
        } else if (list != null) {
            list.truncate(1);
            pending = list.frame(0).length - offset;
        }
    }

    /**
     * Gives up publications, with a gap in their place, until so many bytes are free.
     *
     * @return how many, or {@link Overflow#TOO_MANY}
     */
    final int skip(int bytes, WireFormat format, ChannelPolicies policies, @Nullable Publication incoming) {
        if (overflow == null) {
            overflow = new Overflow(format, policies);
        }
        Backlog several = toList();
        int dropped = overflow.skip(several, offset > 0 ? 1 : 0, bytes, incoming);
        if (dropped > 0) {
            pending = -offset;
            for (int i = 0; i < several.size(); i++) {
                pending += several.frame(i).length;
            }
        }
        return dropped;
    }
}
