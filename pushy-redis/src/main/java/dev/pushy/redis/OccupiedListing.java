package dev.pushy.redis;

import dev.pushy.core.Channel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Lists the occupied channels of an app: one partition after the other, page by page. */
final class OccupiedListing {
    private final List<PresenceCalls> partitions;
    private final String app;
    private final String prefix;
    private final Map<String, Integer> found = new TreeMap<>();
    private final CompletableFuture<Map<String, Integer>> answer = new CompletableFuture<>();

    private OccupiedListing(List<PresenceCalls> partitions, String app, String prefix) {
        this.partitions = partitions;
        this.app = app;
        this.prefix = prefix;
    }

    /** Those whose names begin with the prefix, and how many subscribers each has. */
    static CompletionStage<Map<String, Integer>> of(List<PresenceCalls> partitions, String app, String prefix) {
        OccupiedListing listing = new OccupiedListing(partitions, app, prefix);
        listing.read(0, null);
        return listing.answer;
    }

    private void read(int partition, @Nullable Channel after) {
        if (partition == partitions.size()) {
            answer.complete(found);
            return;
        }
        partitions.get(partition).occupied(app, prefix, after).whenComplete((page, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                take(partition, page);
            }
        });
    }

    private void take(int partition, Map<Channel, Integer> page) {
        Channel last = null;
        for (Map.Entry<Channel, Integer> entry : page.entrySet()) {
            last = entry.getKey();
            if (last.app().equals(app)) { // another app's name may begin with this one's and a colon
                found.put(last.name(), entry.getValue());
            }
        }
        if (page.size() == PresenceCalls.PAGE) {
            read(partition, last);
        } else {
            read(partition + 1, null);
        }
    }
}
