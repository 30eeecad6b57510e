package dev.pushy.redis;

/**
 * What presence did on this node, and how it stands. The first five only grow.
 *
 * @param renewals leases taken or renewed, one for each partition each time
 * @param fenced how often this node learned that it had been taken for dead
 * @param forgotten how often this node learned that Redis had lost what it knew
 * @param reaped entries of ended nodes, members and occupied channels, that this node took back
 * @param told transitions that this node told
 * @param entries members and occupied channels of this node
 * @param outbox transitions that wait to be told, or were told and are not dealt with yet, in the partitions whose teller
 *     this node is, when it last looked
 */
public record PresenceStats(
        long renewals, long fenced, long forgotten, long reaped, long told, int entries, long outbox) {}
