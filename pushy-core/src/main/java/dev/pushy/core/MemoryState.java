package dev.pushy.core;

import dev.pushy.core.PublishException.Outcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a broker in memory holds: the log of each partition, the receipts of idempotency keys, and the retained messages.
 * Guarded by the lock of the {@link MemoryCluster}.
 */
final class MemoryState {
    private static final int MAX_KEYS = 1_000_000;
    private static final int MAX_RETAINED = 100_000;

    private final MemoryLog[] logs;
    private final Map<IdempotencyKey, KeptReceipt> keys = new LinkedHashMap<>();
    private final RetainedMessages retained;

    private MemoryState(MemoryLog[] logs, RetainedMessages retained) {
        this.logs = logs;
        this.retained = retained;
    }

    /** Nothing yet. */
    static MemoryState empty(int partitions, Duration indexAge, long maxBytes) {
        MemoryLog[] empty = new MemoryLog[partitions];
        for (int p = 0; p < partitions; p++) {
            empty[p] = new MemoryLog(p, partitions, indexAge, maxBytes / partitions);
        }
        return new MemoryState(empty, new RetainedMessages(MAX_RETAINED));
    }

    /** The same without the newest entries of each partition, and without what belongs to them. */
    MemoryState copy(int withoutNewest) {
        MemoryLog[] copies = logs.clone();
        for (int p = 0; p < copies.length; p++) {
            copies[p] = logs[p].copy(withoutNewest);
        }
        MemoryState copy = new MemoryState(copies, retained.copy());
        copy.keys.putAll(keys);
        copy.keys.values().removeIf(kept -> copy.isLost(kept.receipt.position()));
        copy.retained.removeIf(copy::isLost);
        return copy;
    }

    private boolean isLost(Position position) {
        return position.isLogged()
                && position.offset() > log(position.partition()).end();
    }

    int partitions() {
        return logs.length;
    }

    MemoryLog log(int partition) {
        return logs[partition];
    }

    RetainedMessages retained() {
        return retained;
    }

    /** The receipt that a publish with the same key got before, or null. */
    @Nullable
    Receipt firstReceipt(Channel channel, @Nullable String key, long now) {
        if (key == null) {
            return null;
        }
        var oldest = keys.values().iterator();
        while (oldest.hasNext() && oldest.next().expires <= now) {
            oldest.remove();
        }
        KeptReceipt kept = keys.get(new IdempotencyKey(channel, key));
        if (kept == null && keys.size() >= MAX_KEYS) {
            throw new PublishException(
                    Outcome.OVERLOADED,
                    MAX_KEYS + " idempotency keys are remembered, no more fit: publish later, or without a key");
        }
        return kept == null ? null : kept.receipt;
    }

    void keepReceipt(Receipt receipt, Channel channel, @Nullable String key, long now) {
        if (key != null) {
            keys.put(
                    new IdempotencyKey(channel, key),
                    new KeptReceipt(receipt, now + PublishOptions.KEY_LIFE.toMillis()));
        }
    }

    private record IdempotencyKey(Channel channel, String key) {}

    private record KeptReceipt(Receipt receipt, long expires) {}
}
