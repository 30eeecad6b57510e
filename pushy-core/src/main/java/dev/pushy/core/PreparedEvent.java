package dev.pushy.core;

import org.jspecify.annotations.Nullable;

/**
 * An event that has been matched, with a memory of its frames: it is encoded once for each wire format, by the first loop
 * that needs it.
 */
final class PreparedEvent implements Item {
    private static final byte[] NOTHING = {};

    final ChannelEvent event;
    final @Nullable Publication publication;
    final int partition;
    final Interest[] interests;
    final long sequence;
    final long nanos;
    private final @Nullable Cursor cursor;
    private final HubCounters counters;
    private volatile @Nullable Slot slots;

    PreparedEvent(
            ChannelEvent event,
            int partition,
            @Nullable Cursor cursor,
            Interest[] interests,
            long sequence,
            long nanos,
            HubCounters counters) {
        this.event = event;
        this.publication = event instanceof Publication message ? message : null;
        this.partition = partition;
        this.cursor = cursor;
        this.interests = interests;
        this.sequence = sequence;
        this.nanos = nanos;
        this.counters = counters;
    }

    @Override
    public @Nullable Cursor cursor() {
        return cursor;
    }

    /** Whether it is about a member of a channel whose roster this node keeps. Under the sequencer's lock. */
    boolean isOfRoster() {
        return event instanceof MemberEvent && interests[0].roster != null;
    }

    /** The frame of a format with the node's cursor, or null if the format does not show this event. */
    byte @Nullable [] frame(WireFormat format) {
        Slot slot = find(slots, format);
        if (slot == null) {
            slot = encode(format);
        }
        return slot.frame == NOTHING ? null : slot.frame;
    }

    private static @Nullable Slot find(@Nullable Slot first, WireFormat format) {
        for (Slot slot = first; slot != null; slot = slot.next) {
            if (slot.format == format) {
                return slot;
            }
        }
        return null;
    }

    /** Entered by each loop once an event and format; who comes second waits for one encoding, and finds it done. */
    private synchronized Slot encode(WireFormat format) {
        Slot made = find(slots, format);
        if (made == null) {
            byte[] frame = encode(format, cursor, null);
            made = new Slot(format, frame == null ? NOTHING : frame, slots);
            slots = made;
            counters.encodes.increment();
        }
        return made;
    }

    /** A frame for one connection that is not where the node is. */
    byte @Nullable [] encode(WireFormat format, @Nullable Cursor own, @Nullable Cursor since) {
        if (event instanceof Publication message) {
            return format.publication(message, own, since);
        }
        return event instanceof Join join ? format.join(join) : format.leave((Leave) event);
    }

    /** The frame of one format; formats are few, so a list of them is enough. */
    private static final class Slot {
        private final WireFormat format;
        private final byte[] frame;
        private final @Nullable Slot next;

        private Slot(WireFormat format, byte[] frame, @Nullable Slot next) {
            this.format = format;
            this.frame = frame;
            this.next = next;
        }
    }
}
