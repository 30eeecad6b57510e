package dev.pushy.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the sequencer puts into the mailboxes of the shards, in the node's one order. */
sealed interface Item permits PreparedEvent, Item.Moved, Item.Marked, Item.Loss, Item.Linked, Item.Rostered {

    /** The node's cursor behind this item, or null while a partition has no position. */
    @Nullable
    Cursor cursor();

    /** The node's cursor moved, over messages that nobody here listens to. */
    record Moved(@Nullable Cursor cursor) implements Item {}

    /** The marker of somebody's read. */
    record Marked(
            int partition,
            long marker,
            Position end,
            @Nullable Cursor cursor) implements Item {}

    /**
     * A loss in what the node hears.
     *
     * @param channel the channel, or null for the whole partition
     */
    record Loss(
            int partition,
            Gap.Reason reason,
            @Nullable Channel channel,
            @Nullable Cursor cursor) implements Item {}

    /** The link of a partition broke, or is there and recovered. */
    record Linked(int partition, boolean up, @Nullable Cursor cursor) implements Item {}

    /** Who is on a channel at this place, for a connection that asked. */
    record Rostered(
            RosterRequest request,
            List<Member> members,
            @Nullable Cursor cursor) implements Item {}
}
