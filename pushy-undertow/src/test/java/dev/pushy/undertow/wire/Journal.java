package dev.pushy.undertow.wire;

import dev.pushy.core.Channel;
import dev.pushy.core.FaultyMemoryBroker;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.Pushy;
import dev.pushy.core.Receipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;

/** What was accepted, in the order of acceptance, and what the log lost of it since. One publish or fault at a time. */
final class Journal {

    /** An accepted message. */
    record Message(int sequence, int number, String channel, String id, Position position) {}

    private final FaultyMemoryBroker broker;
    private final Pushy pushy;
    private final Map<Integer, Message> byNumber = new HashMap<>();
    private final Map<String, List<Message>> byChannel = new HashMap<>();
    private final List<Set<Position>> erased = new ArrayList<>();
    private Set<Position> alive = new HashSet<>();
    private Set<Position> kept = new HashSet<>();
    private int numbers;
    private int sequence;

    Journal(FaultyMemoryBroker broker, Pushy pushy) {
        this.broker = broker;
        this.pushy = pushy;
    }

    /** Publishes a message with a number of its own; what the broker refuses must never be received. */
    synchronized void publish(String channel, int padding) {
        int number = ++numbers;
        String data = "{\"n\":" + number + ",\"pad\":\"" + "x".repeat(padding) + "\"}";
        Receipt receipt;
        try {
            receipt = pushy.publish(Publication.of(Channel.of(channel), data))
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException refused) {
            if (refused.getCause() instanceof PublishException) {
                return;
            }
            throw refused;
        }
        Message message = new Message(++sequence, number, channel, receipt.id(), receipt.position());
        byNumber.put(number, message);
        byChannel.computeIfAbsent(channel, name -> new ArrayList<>()).add(message);
        if (receipt.position().isLogged()) {
            alive.add(receipt.position());
        }
    }

    /** The sequence of the last accepted message. */
    synchronized int now() {
        return sequence;
    }

    synchronized int incidents() {
        return erased.size();
    }

    synchronized Message message(int number) {
        return byNumber.get(number);
    }

    /** The messages of a channel in their order. */
    synchronized List<Message> of(String channel) {
        return List.copyOf(byChannel.getOrDefault(channel, List.of()));
    }

    /** Where messages stood when they were accepted. */
    synchronized Set<Position> places() {
        Set<Position> places = new HashSet<>();
        byNumber.values().forEach(message -> places.add(message.position()));
        return places;
    }

    /** What each incident took from the log. */
    synchronized List<Set<Position>> erased() {
        return List.copyOf(erased);
    }

    synchronized void snapshot() {
        broker.snapshot();
        kept = new HashSet<>(alive);
    }

    synchronized void restartFromSnapshot() {
        broker.startFromSnapshot();
        lose(kept);
    }

    synchronized void restartEmpty() {
        broker.startEmpty();
        broker.snapshot();
        kept = new HashSet<>();
        lose(kept);
    }

    private void lose(Set<Position> survivors) {
        Set<Position> lost = new HashSet<>(alive);
        lost.removeAll(survivors);
        erased.add(lost);
        alive = new HashSet<>(survivors);
    }

    /** Runs a fault that loses nothing of what is in the order. */
    synchronized void fault(Runnable fault) {
        fault.run();
    }
}
