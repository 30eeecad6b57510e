package dev.pushy.core;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One retained message for each of so many channels; when there are more, the one that was retained first goes first. Not
 * thread-safe.
 */
final class RetainedMessages {
    private final int limit;
    private final Map<Channel, Retained> byChannel = new LinkedHashMap<>();

    RetainedMessages(int limit) {
        this.limit = limit;
    }

    void put(Publication publication, long expiresAt, long now) {
        byChannel.remove(publication.channel());
        Iterator<Retained> oldest = byChannel.values().iterator();
        while (oldest.hasNext() && (oldest.next().expiresAt() <= now || byChannel.size() >= limit)) {
            oldest.remove();
        }
        byChannel.put(publication.channel(), new Retained(publication, expiresAt));
    }

    Optional<Retained> get(Channel channel, long now) {
        Retained kept = byChannel.get(channel);
        return kept == null || kept.expiresAt() <= now ? Optional.empty() : Optional.of(kept);
    }

    RetainedMessages copy() {
        RetainedMessages copy = new RetainedMessages(limit);
        copy.byChannel.putAll(byChannel);
        return copy;
    }

    /** Forgets those whose place in the log is lost. */
    void removeIf(Predicate<Position> lost) {
        byChannel.values().removeIf(kept -> lost.test(kept.publication().position()));
    }
}
