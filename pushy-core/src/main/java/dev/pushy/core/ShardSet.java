package dev.pushy.core;

/** Sets of shards as bits of a long. From the 64th on all shards share the last bit: they are woken once too often. */
final class ShardSet {
    static final long ALL = -1L;

    private ShardSet() {}

    static long bit(int shard) {
        return 1L << Math.min(shard, 63);
    }

    static boolean contains(long set, int shard) {
        return (set & bit(shard)) != 0;
    }
}
