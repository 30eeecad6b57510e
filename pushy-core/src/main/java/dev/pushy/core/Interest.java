package dev.pushy.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A channel or pattern that somebody on this node listens to, or did a moment ago. Guarded by the sequencer's lock, but for
 * {@link #isAcknowledged}.
 */
final class Interest {
    final ChannelPattern pattern;
    /** This alone, as the answer for a channel that no wildcard matches. */
    final Interest[] alone = {this};
    /** For each partition, since when every message of it is known to have come here. */
    final @Nullable Position[] since;

    /** Who is on the channel, where somebody wants to know; {@link Rosters} sets it. */
    @Nullable
    ChannelRoster roster;

    private int[] perShard = new int[2];
    private int total;
    private long shards;
    private volatile boolean acknowledged;
    /** Whether the node is to know who is on the channel, and does not know it yet. */
    private volatile boolean unaware;

    private @Nullable List<Runnable> waiting;

    Interest(ChannelPattern pattern, int partitions) {
        this.pattern = pattern;
        this.since = new @Nullable Position[partitions];
    }

    void acquire(int shard) {
        if (shard >= perShard.length) {
            perShard = Arrays.copyOf(perShard, shard + 1);
        }
        perShard[shard]++;
        total++;
        shards |= ShardSet.bit(shard);
    }

    void release(int shard) {
        perShard[shard]--;
        total--;
        if (perShard[shard] == 0) {
            shards = 0;
            for (int other = 0; other < perShard.length; other++) {
                shards |= perShard[other] > 0 ? ShardSet.bit(other) : 0;
            }
        }
    }

    /** How many subscriptions there are on this node. */
    int total() {
        return total;
    }

    /** The shards that have a subscription, see {@link ShardSet}. */
    long shards() {
        return shards;
    }

    /** Whether the broker has acknowledged it. Any thread. */
    boolean isAcknowledged() {
        return acknowledged;
    }

    /**
     * Whether whoever subscribes now is told of everything from here on: the broker has acknowledged, and where the node is
     * to know who is on the channel it does. Who comes while the link is down is told only to those who subscribed to what
     * was known. Any thread.
     */
    boolean isReady() {
        return acknowledged && !unaware;
    }

    /** Runs the task once it is ready. */
    void whenReady(Runnable task) {
        if (waiting == null) {
            waiting = new ArrayList<>(2);
        }
        waiting.add(task);
    }

    /** Notes the acknowledgement; whoever waited is to be called without the lock. */
    List<Runnable> acknowledge() {
        acknowledged = true;
        return takeWaitingIfReady();
    }

    /** The node is to know who is on the channel. */
    void awaitRoster() {
        unaware = true;
    }

    /** The node knows who is on the channel; whoever waited is to be called without the lock. */
    List<Runnable> rosterKnown() {
        unaware = false;
        return takeWaitingIfReady();
    }

    private List<Runnable> takeWaitingIfReady() {
        if (waiting == null || !isReady()) {
            return List.of();
        }
        List<Runnable> waited = waiting;
        waiting = null;
        return waited;
    }
}
