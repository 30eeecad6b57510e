package dev.pushy.redis;

import dev.pushy.redis.PresenceEntry.Said;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What a node has to say to one partition, in the order in which it came up: an entry for each channel and subject of its
 * connections, and no more. Guarded by the lock of its {@link PresencePartition}.
 */
final class PresenceBook {
    private final Map<PresenceEntry.Key, PresenceEntry> entries = new LinkedHashMap<>();
    private final Deque<PresenceEntry> queue = new ArrayDeque<>();
    /** Entries that Redis could not take. */
    private final List<PresenceEntry> faulty = new ArrayList<>();

    /** How many entries are still to be said again since {@link #lose} or {@link #end}; they are the first of the queue. */
    private int owed;

    /** Notes what is wanted, and who waits for it. False: nothing is wanted, and nothing was. */
    boolean want(Statement statement, CompletableFuture<Boolean> stage) {
        PresenceEntry.Key key = new PresenceEntry.Key(statement.channel(), statement.subject());
        if (statement.count() == 0 && !entries.containsKey(key)) {
            return false;
        }
        PresenceEntry entry = entries.computeIfAbsent(key, PresenceEntry::new);
        entry.want(statement, stage);
        enqueue(entry);
        return true;
    }

    /** Whether something waits to be said. */
    boolean isDue() {
        return !queue.isEmpty();
    }

    /** Whether something is still to be said again. */
    boolean isOwing() {
        return owed > 0;
    }

    /** Takes out what is to be said next. */
    List<Said> say(int most) {
        List<Said> said = new ArrayList<>(Math.min(most, queue.size()));
        while (said.size() < most && !queue.isEmpty()) {
            PresenceEntry entry = queue.poll();
            entry.queued = false;
            said.add(entry.say());
        }
        return said;
    }

    /** Redis has answered. */
    void answered(Said said, boolean fits) {
        PresenceEntry entry = said.entry();
        owed = Math.max(0, owed - 1);
        if (fits) {
            entry.confirm(said.statement());
        } else {
            entry.refuse(said.statement());
        }
        if (entry.isDue()) {
            enqueue(entry);
        } else if (entry.isVoid()) {
            entries.remove(entry.key, entry);
        }
    }

    /** It was not said, as far as is known, and comes first now. */
    void unsay(List<Said> said) {
        for (int i = said.size() - 1; i >= 0; i--) {
            PresenceEntry entry = said.get(i).entry();
            entry.unsay(said.get(i));
            if (!entry.queued) {
                entry.queued = true;
                queue.addFirst(entry);
            }
        }
    }

    /** Redis cannot take it now. Returns those who wait. */
    List<CompletableFuture<Boolean>> putAside(Said said) {
        PresenceEntry entry = said.entry();
        owed = Math.max(0, owed - 1);
        entry.unsay(said);
        if (!entry.queued) {
            faulty.add(entry);
        }
        return entry.fail();
    }

    /** Redis may take now what it could not. */
    void retryFaulty() {
        faulty.forEach(this::enqueue);
        faulty.clear();
    }

    /** Nothing can be said now. Returns those who wait. */
    List<CompletableFuture<Boolean>> fail() {
        List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
        queue.forEach(entry -> waiting.addAll(entry.fail()));
        return waiting;
    }

    /** Redis has lost what it knew: it is to be said again. */
    void lose() {
        entries.values().forEach(PresenceEntry::lose);
        begin();
    }

    /** All were told that this node has ended: what is wanted is new. */
    void end() {
        entries.values().forEach(PresenceEntry::end);
        begin();
    }

    private void begin() {
        faulty.clear();
        queue.clear();
        entries.values().removeIf(PresenceEntry::isVoid);
        for (PresenceEntry entry : entries.values()) {
            entry.queued = entry.isDue();
            if (entry.queued) {
                queue.add(entry);
            }
        }
        owed = queue.size();
    }

    void clear() {
        entries.clear();
        queue.clear();
        faulty.clear();
        owed = 0;
    }

    int size() {
        return entries.size();
    }

    private void enqueue(PresenceEntry entry) {
        if (!entry.queued) {
            entry.queued = true;
            queue.add(entry);
        }
    }
}
