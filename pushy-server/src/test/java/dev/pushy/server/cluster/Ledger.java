package dev.pushy.server.cluster;

import dev.pushy.core.Cursor;
import dev.pushy.core.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** All messages of this round and the one before, with their fates. Thread-safe. */
final class Ledger {
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, Message> messages = new ConcurrentHashMap<>();
    private Map<Place, TreeMap<Long, List<Message>>> accepted = Map.of();
    private final Map<Integer, Long> firstErased = new HashMap<>();
    private Set<Position> alive = Set.of();
    private int before;
    private int begin;

    /** A log of a channel. */
    private record Place(String channel, int epoch) {}

    /** A message that is about to be sent. */
    Message begin(String channel, int publisher) {
        Message message = new Message(numbers.incrementAndGet(), channel, publisher);
        messages.put(message.number, message);
        return message;
    }

    /** Where a message id or a cursor stands, if it is one. */
    static @Nullable Position position(String text) {
        return Cursor.parse(text, 1).map(cursor -> cursor.position(0)).orElse(null);
    }

    static String text(Position position) {
        return position.offset() + "/" + Integer.toHexString(position.tag()) + "@"
                + Integer.toHexString(position.epoch());
    }

    /** Forgets all but the round that ends, and begins another one. */
    void nextRound() {
        int oldest = before;
        messages.keySet().removeIf(number -> number <= oldest);
        before = begin;
        begin = numbers.get();
    }

    /** The number behind which the messages of this round begin. */
    int beginning() {
        return begin;
    }

    @Nullable
    Message message(int number) {
        return messages.get(number);
    }

    /** Everything that was sent in this round. */
    List<Message> ofRound() {
        return messages.values().stream()
                .filter(message -> message.number > begin)
                .toList();
    }

    /** When no message is under way any more: closes the book, with the places of what the cluster has retained. */
    synchronized void close(Collection<Position> retained) {
        alive = new HashSet<>(retained);
        accepted = new HashMap<>();
        firstErased.clear();
        for (Message message : messages.values()) {
            Position position = message.position();
            if (position != null) {
                accepted.computeIfAbsent(new Place(message.channel, position.epoch()), place -> new TreeMap<>())
                        .computeIfAbsent(position.offset(), offset -> new ArrayList<>())
                        .add(message);
                if (message.number > begin && !alive.contains(position)) {
                    firstErased.merge(position.epoch(), position.offset(), Math::min);
                }
            }
        }
    }

    /** Whether what stood there was lost by Redis. */
    synchronized boolean isErased(Position position) {
        return position.offset() > 0 && !alive.contains(position);
    }

    /** Where the first accepted message stood that Redis has lost of a log. */
    synchronized long firstErased(int epoch) {
        return firstErased.getOrDefault(epoch, Long.MAX_VALUE);
    }

    /** The accepted messages of a channel between two places of one log, without these, that are still retained. */
    synchronized List<Message> between(String channel, int epoch, long from, long to) {
        TreeMap<Long, List<Message>> log = accepted.get(new Place(channel, epoch));
        List<Message> between = new ArrayList<>();
        if (log != null && from + 1 < to) {
            log.subMap(from, false, to, false)
                    .values()
                    .forEach(each -> each.stream()
                            .filter(message -> alive.contains(message.position()))
                            .forEach(between::add));
        }
        return between;
    }
}
